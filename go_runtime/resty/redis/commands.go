// Code generated from commands.txt by generate.go; DO NOT EDIT.

package redis

import "snippet2wasm.internal/plugin/runtime/lua"

// ACL is red:acl(args...).
func (c *Client) ACL(args ...any) (Reply, lua.OptString) { return c.Do("acl", args...) }

// Append is red:append(args...).
func (c *Client) Append(args ...any) (Reply, lua.OptString) { return c.Do("append", args...) }

// BGRewriteAOF is red:bgrewriteaof(args...).
func (c *Client) BGRewriteAOF(args ...any) (Reply, lua.OptString) {
	return c.Do("bgrewriteaof", args...)
}

// BGSave is red:bgsave(args...).
func (c *Client) BGSave(args ...any) (Reply, lua.OptString) { return c.Do("bgsave", args...) }

// BitCount is red:bitcount(args...).
func (c *Client) BitCount(args ...any) (Reply, lua.OptString) { return c.Do("bitcount", args...) }

// BitField is red:bitfield(args...).
func (c *Client) BitField(args ...any) (Reply, lua.OptString) { return c.Do("bitfield", args...) }

// BitFieldRO is red:bitfield_ro(args...).
func (c *Client) BitFieldRO(args ...any) (Reply, lua.OptString) { return c.Do("bitfield_ro", args...) }

// BitOp is red:bitop(args...).
func (c *Client) BitOp(args ...any) (Reply, lua.OptString) { return c.Do("bitop", args...) }

// BitPos is red:bitpos(args...).
func (c *Client) BitPos(args ...any) (Reply, lua.OptString) { return c.Do("bitpos", args...) }

// Cluster is red:cluster(args...).
func (c *Client) Cluster(args ...any) (Reply, lua.OptString) { return c.Do("cluster", args...) }

// Command is red:command(args...).
func (c *Client) Command(args ...any) (Reply, lua.OptString) { return c.Do("command", args...) }

// Config is red:config(args...).
func (c *Client) Config(args ...any) (Reply, lua.OptString) { return c.Do("config", args...) }

// Copy is red:copy(args...).
func (c *Client) Copy(args ...any) (Reply, lua.OptString) { return c.Do("copy", args...) }

// DBSize is red:dbsize(args...).
func (c *Client) DBSize(args ...any) (Reply, lua.OptString) { return c.Do("dbsize", args...) }

// Debug is red:debug(args...).
func (c *Client) Debug(args ...any) (Reply, lua.OptString) { return c.Do("debug", args...) }

// Decr is red:decr(args...).
func (c *Client) Decr(args ...any) (Reply, lua.OptString) { return c.Do("decr", args...) }

// DecrBy is red:decrby(args...).
func (c *Client) DecrBy(args ...any) (Reply, lua.OptString) { return c.Do("decrby", args...) }

// Del is red:del(args...).
func (c *Client) Del(args ...any) (Reply, lua.OptString) { return c.Do("del", args...) }

// Dump is red:dump(args...).
func (c *Client) Dump(args ...any) (Reply, lua.OptString) { return c.Do("dump", args...) }

// Echo is red:echo(args...).
func (c *Client) Echo(args ...any) (Reply, lua.OptString) { return c.Do("echo", args...) }

// Eval is red:eval(args...).
func (c *Client) Eval(args ...any) (Reply, lua.OptString) { return c.Do("eval", args...) }

// EvalRO is red:eval_ro(args...).
func (c *Client) EvalRO(args ...any) (Reply, lua.OptString) { return c.Do("eval_ro", args...) }

// EvalSHA is red:evalsha(args...).
func (c *Client) EvalSHA(args ...any) (Reply, lua.OptString) { return c.Do("evalsha", args...) }

// EvalSHARO is red:evalsha_ro(args...).
func (c *Client) EvalSHARO(args ...any) (Reply, lua.OptString) { return c.Do("evalsha_ro", args...) }

// Exists is red:exists(args...).
func (c *Client) Exists(args ...any) (Reply, lua.OptString) { return c.Do("exists", args...) }

// Expire is red:expire(args...).
func (c *Client) Expire(args ...any) (Reply, lua.OptString) { return c.Do("expire", args...) }

// ExpireAt is red:expireat(args...).
func (c *Client) ExpireAt(args ...any) (Reply, lua.OptString) { return c.Do("expireat", args...) }

// ExpireTime is red:expiretime(args...).
func (c *Client) ExpireTime(args ...any) (Reply, lua.OptString) { return c.Do("expiretime", args...) }

// Failover is red:failover(args...).
func (c *Client) Failover(args ...any) (Reply, lua.OptString) { return c.Do("failover", args...) }

// FCall is red:fcall(args...).
func (c *Client) FCall(args ...any) (Reply, lua.OptString) { return c.Do("fcall", args...) }

// FCallRO is red:fcall_ro(args...).
func (c *Client) FCallRO(args ...any) (Reply, lua.OptString) { return c.Do("fcall_ro", args...) }

// FlushAll is red:flushall(args...).
func (c *Client) FlushAll(args ...any) (Reply, lua.OptString) { return c.Do("flushall", args...) }

// FlushDB is red:flushdb(args...).
func (c *Client) FlushDB(args ...any) (Reply, lua.OptString) { return c.Do("flushdb", args...) }

// Function is red:function(args...).
func (c *Client) Function(args ...any) (Reply, lua.OptString) { return c.Do("function", args...) }

// GeoAdd is red:geoadd(args...).
func (c *Client) GeoAdd(args ...any) (Reply, lua.OptString) { return c.Do("geoadd", args...) }

// GeoDist is red:geodist(args...).
func (c *Client) GeoDist(args ...any) (Reply, lua.OptString) { return c.Do("geodist", args...) }

// GeoHash is red:geohash(args...).
func (c *Client) GeoHash(args ...any) (Reply, lua.OptString) { return c.Do("geohash", args...) }

// GeoPos is red:geopos(args...).
func (c *Client) GeoPos(args ...any) (Reply, lua.OptString) { return c.Do("geopos", args...) }

// GeoRadius is red:georadius(args...).
func (c *Client) GeoRadius(args ...any) (Reply, lua.OptString) { return c.Do("georadius", args...) }

// GeoRadiusRO is red:georadius_ro(args...).
func (c *Client) GeoRadiusRO(args ...any) (Reply, lua.OptString) {
	return c.Do("georadius_ro", args...)
}

// GeoRadiusByMember is red:georadiusbymember(args...).
func (c *Client) GeoRadiusByMember(args ...any) (Reply, lua.OptString) {
	return c.Do("georadiusbymember", args...)
}

// GeoRadiusByMemberRO is red:georadiusbymember_ro(args...).
func (c *Client) GeoRadiusByMemberRO(args ...any) (Reply, lua.OptString) {
	return c.Do("georadiusbymember_ro", args...)
}

// GeoSearch is red:geosearch(args...).
func (c *Client) GeoSearch(args ...any) (Reply, lua.OptString) { return c.Do("geosearch", args...) }

// GeoSearchStore is red:geosearchstore(args...).
func (c *Client) GeoSearchStore(args ...any) (Reply, lua.OptString) {
	return c.Do("geosearchstore", args...)
}

// Get is red:get(args...).
func (c *Client) Get(args ...any) (Reply, lua.OptString) { return c.Do("get", args...) }

// GetBit is red:getbit(args...).
func (c *Client) GetBit(args ...any) (Reply, lua.OptString) { return c.Do("getbit", args...) }

// GetDel is red:getdel(args...).
func (c *Client) GetDel(args ...any) (Reply, lua.OptString) { return c.Do("getdel", args...) }

// GetEx is red:getex(args...).
func (c *Client) GetEx(args ...any) (Reply, lua.OptString) { return c.Do("getex", args...) }

// GetRange is red:getrange(args...).
func (c *Client) GetRange(args ...any) (Reply, lua.OptString) { return c.Do("getrange", args...) }

// GetSet is red:getset(args...).
func (c *Client) GetSet(args ...any) (Reply, lua.OptString) { return c.Do("getset", args...) }

// HDel is red:hdel(args...).
func (c *Client) HDel(args ...any) (Reply, lua.OptString) { return c.Do("hdel", args...) }

// HExists is red:hexists(args...).
func (c *Client) HExists(args ...any) (Reply, lua.OptString) { return c.Do("hexists", args...) }

// HGet is red:hget(args...).
func (c *Client) HGet(args ...any) (Reply, lua.OptString) { return c.Do("hget", args...) }

// HGetAll is red:hgetall(args...).
func (c *Client) HGetAll(args ...any) (Reply, lua.OptString) { return c.Do("hgetall", args...) }

// HIncrBy is red:hincrby(args...).
func (c *Client) HIncrBy(args ...any) (Reply, lua.OptString) { return c.Do("hincrby", args...) }

// HIncrByFloat is red:hincrbyfloat(args...).
func (c *Client) HIncrByFloat(args ...any) (Reply, lua.OptString) {
	return c.Do("hincrbyfloat", args...)
}

// HKeys is red:hkeys(args...).
func (c *Client) HKeys(args ...any) (Reply, lua.OptString) { return c.Do("hkeys", args...) }

// HLen is red:hlen(args...).
func (c *Client) HLen(args ...any) (Reply, lua.OptString) { return c.Do("hlen", args...) }

// HMGet is red:hmget(args...).
func (c *Client) HMGet(args ...any) (Reply, lua.OptString) { return c.Do("hmget", args...) }

// HRandField is red:hrandfield(args...).
func (c *Client) HRandField(args ...any) (Reply, lua.OptString) { return c.Do("hrandfield", args...) }

// HScan is red:hscan(args...).
func (c *Client) HScan(args ...any) (Reply, lua.OptString) { return c.Do("hscan", args...) }

// HSet is red:hset(args...).
func (c *Client) HSet(args ...any) (Reply, lua.OptString) { return c.Do("hset", args...) }

// HSetNX is red:hsetnx(args...).
func (c *Client) HSetNX(args ...any) (Reply, lua.OptString) { return c.Do("hsetnx", args...) }

// HStrLen is red:hstrlen(args...).
func (c *Client) HStrLen(args ...any) (Reply, lua.OptString) { return c.Do("hstrlen", args...) }

// HVals is red:hvals(args...).
func (c *Client) HVals(args ...any) (Reply, lua.OptString) { return c.Do("hvals", args...) }

// Incr is red:incr(args...).
func (c *Client) Incr(args ...any) (Reply, lua.OptString) { return c.Do("incr", args...) }

// IncrBy is red:incrby(args...).
func (c *Client) IncrBy(args ...any) (Reply, lua.OptString) { return c.Do("incrby", args...) }

// IncrByFloat is red:incrbyfloat(args...).
func (c *Client) IncrByFloat(args ...any) (Reply, lua.OptString) { return c.Do("incrbyfloat", args...) }

// Info is red:info(args...).
func (c *Client) Info(args ...any) (Reply, lua.OptString) { return c.Do("info", args...) }

// Keys is red:keys(args...).
func (c *Client) Keys(args ...any) (Reply, lua.OptString) { return c.Do("keys", args...) }

// LastSave is red:lastsave(args...).
func (c *Client) LastSave(args ...any) (Reply, lua.OptString) { return c.Do("lastsave", args...) }

// Latency is red:latency(args...).
func (c *Client) Latency(args ...any) (Reply, lua.OptString) { return c.Do("latency", args...) }

// LCS is red:lcs(args...).
func (c *Client) LCS(args ...any) (Reply, lua.OptString) { return c.Do("lcs", args...) }

// LIndex is red:lindex(args...).
func (c *Client) LIndex(args ...any) (Reply, lua.OptString) { return c.Do("lindex", args...) }

// LInsert is red:linsert(args...).
func (c *Client) LInsert(args ...any) (Reply, lua.OptString) { return c.Do("linsert", args...) }

// LLen is red:llen(args...).
func (c *Client) LLen(args ...any) (Reply, lua.OptString) { return c.Do("llen", args...) }

// LMove is red:lmove(args...).
func (c *Client) LMove(args ...any) (Reply, lua.OptString) { return c.Do("lmove", args...) }

// LMPop is red:lmpop(args...).
func (c *Client) LMPop(args ...any) (Reply, lua.OptString) { return c.Do("lmpop", args...) }

// LOLWUT is red:lolwut(args...).
func (c *Client) LOLWUT(args ...any) (Reply, lua.OptString) { return c.Do("lolwut", args...) }

// LPop is red:lpop(args...).
func (c *Client) LPop(args ...any) (Reply, lua.OptString) { return c.Do("lpop", args...) }

// LPos is red:lpos(args...).
func (c *Client) LPos(args ...any) (Reply, lua.OptString) { return c.Do("lpos", args...) }

// LPush is red:lpush(args...).
func (c *Client) LPush(args ...any) (Reply, lua.OptString) { return c.Do("lpush", args...) }

// LPushX is red:lpushx(args...).
func (c *Client) LPushX(args ...any) (Reply, lua.OptString) { return c.Do("lpushx", args...) }

// LRange is red:lrange(args...).
func (c *Client) LRange(args ...any) (Reply, lua.OptString) { return c.Do("lrange", args...) }

// LRem is red:lrem(args...).
func (c *Client) LRem(args ...any) (Reply, lua.OptString) { return c.Do("lrem", args...) }

// LSet is red:lset(args...).
func (c *Client) LSet(args ...any) (Reply, lua.OptString) { return c.Do("lset", args...) }

// LTrim is red:ltrim(args...).
func (c *Client) LTrim(args ...any) (Reply, lua.OptString) { return c.Do("ltrim", args...) }

// Memory is red:memory(args...).
func (c *Client) Memory(args ...any) (Reply, lua.OptString) { return c.Do("memory", args...) }

// MGet is red:mget(args...).
func (c *Client) MGet(args ...any) (Reply, lua.OptString) { return c.Do("mget", args...) }

// Migrate is red:migrate(args...).
func (c *Client) Migrate(args ...any) (Reply, lua.OptString) { return c.Do("migrate", args...) }

// Module is red:module(args...).
func (c *Client) Module(args ...any) (Reply, lua.OptString) { return c.Do("module", args...) }

// Move is red:move(args...).
func (c *Client) Move(args ...any) (Reply, lua.OptString) { return c.Do("move", args...) }

// MSet is red:mset(args...).
func (c *Client) MSet(args ...any) (Reply, lua.OptString) { return c.Do("mset", args...) }

// MSetNX is red:msetnx(args...).
func (c *Client) MSetNX(args ...any) (Reply, lua.OptString) { return c.Do("msetnx", args...) }

// Object is red:object(args...).
func (c *Client) Object(args ...any) (Reply, lua.OptString) { return c.Do("object", args...) }

// Persist is red:persist(args...).
func (c *Client) Persist(args ...any) (Reply, lua.OptString) { return c.Do("persist", args...) }

// PExpire is red:pexpire(args...).
func (c *Client) PExpire(args ...any) (Reply, lua.OptString) { return c.Do("pexpire", args...) }

// PExpireAt is red:pexpireat(args...).
func (c *Client) PExpireAt(args ...any) (Reply, lua.OptString) { return c.Do("pexpireat", args...) }

// PExpireTime is red:pexpiretime(args...).
func (c *Client) PExpireTime(args ...any) (Reply, lua.OptString) { return c.Do("pexpiretime", args...) }

// PFAdd is red:pfadd(args...).
func (c *Client) PFAdd(args ...any) (Reply, lua.OptString) { return c.Do("pfadd", args...) }

// PFCount is red:pfcount(args...).
func (c *Client) PFCount(args ...any) (Reply, lua.OptString) { return c.Do("pfcount", args...) }

// PFDebug is red:pfdebug(args...).
func (c *Client) PFDebug(args ...any) (Reply, lua.OptString) { return c.Do("pfdebug", args...) }

// PFMerge is red:pfmerge(args...).
func (c *Client) PFMerge(args ...any) (Reply, lua.OptString) { return c.Do("pfmerge", args...) }

// PFSelfTest is red:pfselftest(args...).
func (c *Client) PFSelfTest(args ...any) (Reply, lua.OptString) { return c.Do("pfselftest", args...) }

// Ping is red:ping(args...).
func (c *Client) Ping(args ...any) (Reply, lua.OptString) { return c.Do("ping", args...) }

// PSetEx is red:psetex(args...).
func (c *Client) PSetEx(args ...any) (Reply, lua.OptString) { return c.Do("psetex", args...) }

// PTTL is red:pttl(args...).
func (c *Client) PTTL(args ...any) (Reply, lua.OptString) { return c.Do("pttl", args...) }

// Publish is red:publish(args...).
func (c *Client) Publish(args ...any) (Reply, lua.OptString) { return c.Do("publish", args...) }

// PubSub is red:pubsub(args...).
func (c *Client) PubSub(args ...any) (Reply, lua.OptString) { return c.Do("pubsub", args...) }

// RandomKey is red:randomkey(args...).
func (c *Client) RandomKey(args ...any) (Reply, lua.OptString) { return c.Do("randomkey", args...) }

// Rename is red:rename(args...).
func (c *Client) Rename(args ...any) (Reply, lua.OptString) { return c.Do("rename", args...) }

// RenameNX is red:renamenx(args...).
func (c *Client) RenameNX(args ...any) (Reply, lua.OptString) { return c.Do("renamenx", args...) }

// ReplicaOf is red:replicaof(args...).
func (c *Client) ReplicaOf(args ...any) (Reply, lua.OptString) { return c.Do("replicaof", args...) }

// Restore is red:restore(args...).
func (c *Client) Restore(args ...any) (Reply, lua.OptString) { return c.Do("restore", args...) }

// Role is red:role(args...).
func (c *Client) Role(args ...any) (Reply, lua.OptString) { return c.Do("role", args...) }

// RPop is red:rpop(args...).
func (c *Client) RPop(args ...any) (Reply, lua.OptString) { return c.Do("rpop", args...) }

// RPopLPush is red:rpoplpush(args...).
func (c *Client) RPopLPush(args ...any) (Reply, lua.OptString) { return c.Do("rpoplpush", args...) }

// RPush is red:rpush(args...).
func (c *Client) RPush(args ...any) (Reply, lua.OptString) { return c.Do("rpush", args...) }

// RPushX is red:rpushx(args...).
func (c *Client) RPushX(args ...any) (Reply, lua.OptString) { return c.Do("rpushx", args...) }

// SAdd is red:sadd(args...).
func (c *Client) SAdd(args ...any) (Reply, lua.OptString) { return c.Do("sadd", args...) }

// Save is red:save(args...).
func (c *Client) Save(args ...any) (Reply, lua.OptString) { return c.Do("save", args...) }

// Scan is red:scan(args...).
func (c *Client) Scan(args ...any) (Reply, lua.OptString) { return c.Do("scan", args...) }

// SCard is red:scard(args...).
func (c *Client) SCard(args ...any) (Reply, lua.OptString) { return c.Do("scard", args...) }

// Script is red:script(args...).
func (c *Client) Script(args ...any) (Reply, lua.OptString) { return c.Do("script", args...) }

// SDiff is red:sdiff(args...).
func (c *Client) SDiff(args ...any) (Reply, lua.OptString) { return c.Do("sdiff", args...) }

// SDiffStore is red:sdiffstore(args...).
func (c *Client) SDiffStore(args ...any) (Reply, lua.OptString) { return c.Do("sdiffstore", args...) }

// Set is red:set(args...).
func (c *Client) Set(args ...any) (Reply, lua.OptString) { return c.Do("set", args...) }

// SetBit is red:setbit(args...).
func (c *Client) SetBit(args ...any) (Reply, lua.OptString) { return c.Do("setbit", args...) }

// SetEx is red:setex(args...).
func (c *Client) SetEx(args ...any) (Reply, lua.OptString) { return c.Do("setex", args...) }

// SetNX is red:setnx(args...).
func (c *Client) SetNX(args ...any) (Reply, lua.OptString) { return c.Do("setnx", args...) }

// SetRange is red:setrange(args...).
func (c *Client) SetRange(args ...any) (Reply, lua.OptString) { return c.Do("setrange", args...) }

// Shutdown is red:shutdown(args...).
func (c *Client) Shutdown(args ...any) (Reply, lua.OptString) { return c.Do("shutdown", args...) }

// SInter is red:sinter(args...).
func (c *Client) SInter(args ...any) (Reply, lua.OptString) { return c.Do("sinter", args...) }

// SInterCard is red:sintercard(args...).
func (c *Client) SInterCard(args ...any) (Reply, lua.OptString) { return c.Do("sintercard", args...) }

// SInterStore is red:sinterstore(args...).
func (c *Client) SInterStore(args ...any) (Reply, lua.OptString) { return c.Do("sinterstore", args...) }

// SIsMember is red:sismember(args...).
func (c *Client) SIsMember(args ...any) (Reply, lua.OptString) { return c.Do("sismember", args...) }

// SlaveOf is red:slaveof(args...).
func (c *Client) SlaveOf(args ...any) (Reply, lua.OptString) { return c.Do("slaveof", args...) }

// SlowLog is red:slowlog(args...).
func (c *Client) SlowLog(args ...any) (Reply, lua.OptString) { return c.Do("slowlog", args...) }

// SMembers is red:smembers(args...).
func (c *Client) SMembers(args ...any) (Reply, lua.OptString) { return c.Do("smembers", args...) }

// SMIsMember is red:smismember(args...).
func (c *Client) SMIsMember(args ...any) (Reply, lua.OptString) { return c.Do("smismember", args...) }

// SMove is red:smove(args...).
func (c *Client) SMove(args ...any) (Reply, lua.OptString) { return c.Do("smove", args...) }

// Sort is red:sort(args...).
func (c *Client) Sort(args ...any) (Reply, lua.OptString) { return c.Do("sort", args...) }

// SortRO is red:sort_ro(args...).
func (c *Client) SortRO(args ...any) (Reply, lua.OptString) { return c.Do("sort_ro", args...) }

// SPop is red:spop(args...).
func (c *Client) SPop(args ...any) (Reply, lua.OptString) { return c.Do("spop", args...) }

// SPublish is red:spublish(args...).
func (c *Client) SPublish(args ...any) (Reply, lua.OptString) { return c.Do("spublish", args...) }

// SRandMember is red:srandmember(args...).
func (c *Client) SRandMember(args ...any) (Reply, lua.OptString) { return c.Do("srandmember", args...) }

// SRem is red:srem(args...).
func (c *Client) SRem(args ...any) (Reply, lua.OptString) { return c.Do("srem", args...) }

// SScan is red:sscan(args...).
func (c *Client) SScan(args ...any) (Reply, lua.OptString) { return c.Do("sscan", args...) }

// StrLen is red:strlen(args...).
func (c *Client) StrLen(args ...any) (Reply, lua.OptString) { return c.Do("strlen", args...) }

// Substr is red:substr(args...).
func (c *Client) Substr(args ...any) (Reply, lua.OptString) { return c.Do("substr", args...) }

// SUnion is red:sunion(args...).
func (c *Client) SUnion(args ...any) (Reply, lua.OptString) { return c.Do("sunion", args...) }

// SUnionStore is red:sunionstore(args...).
func (c *Client) SUnionStore(args ...any) (Reply, lua.OptString) { return c.Do("sunionstore", args...) }

// SwapDB is red:swapdb(args...).
func (c *Client) SwapDB(args ...any) (Reply, lua.OptString) { return c.Do("swapdb", args...) }

// Time is red:time(args...).
func (c *Client) Time(args ...any) (Reply, lua.OptString) { return c.Do("time", args...) }

// Touch is red:touch(args...).
func (c *Client) Touch(args ...any) (Reply, lua.OptString) { return c.Do("touch", args...) }

// TTL is red:ttl(args...).
func (c *Client) TTL(args ...any) (Reply, lua.OptString) { return c.Do("ttl", args...) }

// Type is red:type(args...).
func (c *Client) Type(args ...any) (Reply, lua.OptString) { return c.Do("type", args...) }

// Unlink is red:unlink(args...).
func (c *Client) Unlink(args ...any) (Reply, lua.OptString) { return c.Do("unlink", args...) }

// XAck is red:xack(args...).
func (c *Client) XAck(args ...any) (Reply, lua.OptString) { return c.Do("xack", args...) }

// XAdd is red:xadd(args...).
func (c *Client) XAdd(args ...any) (Reply, lua.OptString) { return c.Do("xadd", args...) }

// XAutoClaim is red:xautoclaim(args...).
func (c *Client) XAutoClaim(args ...any) (Reply, lua.OptString) { return c.Do("xautoclaim", args...) }

// XClaim is red:xclaim(args...).
func (c *Client) XClaim(args ...any) (Reply, lua.OptString) { return c.Do("xclaim", args...) }

// XDel is red:xdel(args...).
func (c *Client) XDel(args ...any) (Reply, lua.OptString) { return c.Do("xdel", args...) }

// XGroup is red:xgroup(args...).
func (c *Client) XGroup(args ...any) (Reply, lua.OptString) { return c.Do("xgroup", args...) }

// XInfo is red:xinfo(args...).
func (c *Client) XInfo(args ...any) (Reply, lua.OptString) { return c.Do("xinfo", args...) }

// XLen is red:xlen(args...).
func (c *Client) XLen(args ...any) (Reply, lua.OptString) { return c.Do("xlen", args...) }

// XPending is red:xpending(args...).
func (c *Client) XPending(args ...any) (Reply, lua.OptString) { return c.Do("xpending", args...) }

// XRange is red:xrange(args...).
func (c *Client) XRange(args ...any) (Reply, lua.OptString) { return c.Do("xrange", args...) }

// XRead is red:xread(args...).
func (c *Client) XRead(args ...any) (Reply, lua.OptString) { return c.Do("xread", args...) }

// XReadGroup is red:xreadgroup(args...).
func (c *Client) XReadGroup(args ...any) (Reply, lua.OptString) { return c.Do("xreadgroup", args...) }

// XRevRange is red:xrevrange(args...).
func (c *Client) XRevRange(args ...any) (Reply, lua.OptString) { return c.Do("xrevrange", args...) }

// XSetID is red:xsetid(args...).
func (c *Client) XSetID(args ...any) (Reply, lua.OptString) { return c.Do("xsetid", args...) }

// XTrim is red:xtrim(args...).
func (c *Client) XTrim(args ...any) (Reply, lua.OptString) { return c.Do("xtrim", args...) }

// ZAdd is red:zadd(args...).
func (c *Client) ZAdd(args ...any) (Reply, lua.OptString) { return c.Do("zadd", args...) }

// ZCard is red:zcard(args...).
func (c *Client) ZCard(args ...any) (Reply, lua.OptString) { return c.Do("zcard", args...) }

// ZCount is red:zcount(args...).
func (c *Client) ZCount(args ...any) (Reply, lua.OptString) { return c.Do("zcount", args...) }

// ZDiff is red:zdiff(args...).
func (c *Client) ZDiff(args ...any) (Reply, lua.OptString) { return c.Do("zdiff", args...) }

// ZDiffStore is red:zdiffstore(args...).
func (c *Client) ZDiffStore(args ...any) (Reply, lua.OptString) { return c.Do("zdiffstore", args...) }

// ZIncrBy is red:zincrby(args...).
func (c *Client) ZIncrBy(args ...any) (Reply, lua.OptString) { return c.Do("zincrby", args...) }

// ZInter is red:zinter(args...).
func (c *Client) ZInter(args ...any) (Reply, lua.OptString) { return c.Do("zinter", args...) }

// ZInterCard is red:zintercard(args...).
func (c *Client) ZInterCard(args ...any) (Reply, lua.OptString) { return c.Do("zintercard", args...) }

// ZInterStore is red:zinterstore(args...).
func (c *Client) ZInterStore(args ...any) (Reply, lua.OptString) { return c.Do("zinterstore", args...) }

// ZLexCount is red:zlexcount(args...).
func (c *Client) ZLexCount(args ...any) (Reply, lua.OptString) { return c.Do("zlexcount", args...) }

// ZMPop is red:zmpop(args...).
func (c *Client) ZMPop(args ...any) (Reply, lua.OptString) { return c.Do("zmpop", args...) }

// ZMScore is red:zmscore(args...).
func (c *Client) ZMScore(args ...any) (Reply, lua.OptString) { return c.Do("zmscore", args...) }

// ZPopMax is red:zpopmax(args...).
func (c *Client) ZPopMax(args ...any) (Reply, lua.OptString) { return c.Do("zpopmax", args...) }

// ZPopMin is red:zpopmin(args...).
func (c *Client) ZPopMin(args ...any) (Reply, lua.OptString) { return c.Do("zpopmin", args...) }

// ZRandMember is red:zrandmember(args...).
func (c *Client) ZRandMember(args ...any) (Reply, lua.OptString) { return c.Do("zrandmember", args...) }

// ZRange is red:zrange(args...).
func (c *Client) ZRange(args ...any) (Reply, lua.OptString) { return c.Do("zrange", args...) }

// ZRangeByLex is red:zrangebylex(args...).
func (c *Client) ZRangeByLex(args ...any) (Reply, lua.OptString) { return c.Do("zrangebylex", args...) }

// ZRangeByScore is red:zrangebyscore(args...).
func (c *Client) ZRangeByScore(args ...any) (Reply, lua.OptString) {
	return c.Do("zrangebyscore", args...)
}

// ZRangeStore is red:zrangestore(args...).
func (c *Client) ZRangeStore(args ...any) (Reply, lua.OptString) { return c.Do("zrangestore", args...) }

// ZRank is red:zrank(args...).
func (c *Client) ZRank(args ...any) (Reply, lua.OptString) { return c.Do("zrank", args...) }

// ZRem is red:zrem(args...).
func (c *Client) ZRem(args ...any) (Reply, lua.OptString) { return c.Do("zrem", args...) }

// ZRemRangeByLex is red:zremrangebylex(args...).
func (c *Client) ZRemRangeByLex(args ...any) (Reply, lua.OptString) {
	return c.Do("zremrangebylex", args...)
}

// ZRemRangeByRank is red:zremrangebyrank(args...).
func (c *Client) ZRemRangeByRank(args ...any) (Reply, lua.OptString) {
	return c.Do("zremrangebyrank", args...)
}

// ZRemRangeByScore is red:zremrangebyscore(args...).
func (c *Client) ZRemRangeByScore(args ...any) (Reply, lua.OptString) {
	return c.Do("zremrangebyscore", args...)
}

// ZRevRange is red:zrevrange(args...).
func (c *Client) ZRevRange(args ...any) (Reply, lua.OptString) { return c.Do("zrevrange", args...) }

// ZRevRangeByLex is red:zrevrangebylex(args...).
func (c *Client) ZRevRangeByLex(args ...any) (Reply, lua.OptString) {
	return c.Do("zrevrangebylex", args...)
}

// ZRevRangeByScore is red:zrevrangebyscore(args...).
func (c *Client) ZRevRangeByScore(args ...any) (Reply, lua.OptString) {
	return c.Do("zrevrangebyscore", args...)
}

// ZRevRank is red:zrevrank(args...).
func (c *Client) ZRevRank(args ...any) (Reply, lua.OptString) { return c.Do("zrevrank", args...) }

// ZScan is red:zscan(args...).
func (c *Client) ZScan(args ...any) (Reply, lua.OptString) { return c.Do("zscan", args...) }

// ZScore is red:zscore(args...).
func (c *Client) ZScore(args ...any) (Reply, lua.OptString) { return c.Do("zscore", args...) }

// ZUnion is red:zunion(args...).
func (c *Client) ZUnion(args ...any) (Reply, lua.OptString) { return c.Do("zunion", args...) }

// ZUnionStore is red:zunionstore(args...).
func (c *Client) ZUnionStore(args ...any) (Reply, lua.OptString) { return c.Do("zunionstore", args...) }
