--- rules-in-a-list
local rules = {
  { path = "^/api", rate = 5, methods = { "GET", "PUT" } },
  { path = "^/", rate = 9 },
}
local function find(uri)
  for i, rule in ipairs(rules) do
    if uri:find(rule.path) then return rule, i end
  end
end
local rule, i = find("/api/x") print(rule.rate, i, #rule.methods, rule.methods[2])
rule, i = find("/y") print(rule.rate, i, rule.methods)
print(find("none"), pcall(function() return #find("/y").methods end))
for _, each in ipairs(rules) do each.rate = each.rate * 2 end
print(rules[1].rate, rules[2].rate, rules[3], #rules, pcall(function() return rules[3].rate end))
--- rules-by-name
local schema = { name = { min = 1 }, age = { min = 18 }, }
local names = {}
for field, rule in pairs(schema) do names[#names + 1] = field .. ">=" .. rule.min end
table.sort(names) print(table.concat(names, " "))
local function least(field) return schema[field] and schema[field].min or "none" end
print(least("age"), least("nothing"), schema.name.min, pcall(function() return schema.nothing.min end))
schema.name = nil
for field in pairs(schema) do print(field) end
--- rows-that-are-added
local list = {}
local function add(first, second) table.insert(list, { first, second }) list[#list + 1] = { second, first } return #list end
print(add(1, 2), add("a", nil))
for i, pair in ipairs(list) do print(i, pair[1], pair[2]) end
table.insert(list, 1, { "front" })
print(list[1][1], #list, table.remove(list)[2], #list)
table.sort(list, function(a, b) return tostring(a[1]) < tostring(b[1]) end)
for _, pair in ipairs(list) do print(pair[1]) end
--- rows-that-are-not-all-tables
local mixed = { { x = 1 }, "text", { x = 2 } }
for i, each in ipairs(mixed) do print(i, pcall(function() return each.x end)) end
local holes = { { x = 1 }, nil, { x = 3 } }
for i, each in ipairs(holes) do print(i, each.x) end
local later = { { x = 1 } }
local function spoil(v) later[#later + 1] = v end
spoil(5) spoil(nil) spoil({ x = 7 })
for i, each in ipairs(later) do print(i, type(each), pcall(function() return each.x end)) end
--- rows-that-others-see
local shared = { { x = 1 } }
local function change(t) t[1] = "changed" end
change(shared)
for _, each in ipairs(shared) do print(pcall(function() return each.x end)) end
local alias = { { x = 1 } }
local other = alias
other[2] = 5
for _, each in ipairs(alias) do print(type(each)) end
local again = { { x = 1 } }
again = { "new" }
for _, each in ipairs(again) do print(each:upper()) end
--- rows-with-metatables
local proto = { __index = function(t, k) return "made " .. k end }
local objects = { setmetatable({}, proto), { x = "own" } }
for _, each in ipairs(objects) do print(each.x, rawget(each, "x")) end
local counting = setmetatable({ { x = 1 } }, { __index = function() return "not a table" end })
print(counting[1].x, counting[2])
local watched = { { x = 1 } }
setmetatable(watched, { __newindex = function(t, k, v) rawset(t, k, "replaced") end })
watched[2] = { x = 2 }
for _, each in ipairs(watched) do print(type(each)) end
--- rows-and-loops-that-change-them
local queue = { { n = 3 } }
for i, job in ipairs(queue) do
  if job.n > 0 then queue[i + 1] = { n = job.n - 1 } end
  job = job.n
  print(i, job)
end
for i, job in ipairs(queue) do job.n = nil queue[i] = i < 2 and job or nil end
print(#queue, next(queue[1]))
local empty = {}
local function fill() empty[1] = { x = 1 } end
for _, each in ipairs(empty) do print(each.x) end
if #empty > 0 then fill() end
print(empty[1])
--- rows-by-default
local groups = {}
for _, pair in ipairs({ { "a", 1 }, { "b", 2 }, { "a", 3 } }) do
  groups[pair[1]] = groups[pair[1]] or {}
  table.insert(groups[pair[1]], pair[2])
  local mine = groups[pair[1]]
  mine[#mine + 1] = "more"
end
print(#groups.a, #groups.b, groups.a[3], groups.c, groups.c or "none", groups.a == groups["a"])
local function row(key) return groups[key] or { "new" } end
local function maybe(key) local found = groups[key] if not found then return nil, "no " .. key end return found end
print(row("a")[1], row("z")[1], maybe("b")[1], select(2, maybe("z")))
local all = groups.a and groups.b and #groups.a + #groups.b print(all)
if groups.a == nil or groups.z ~= nil then print("wrong") end
local copy = {} for key, list in pairs(groups) do copy[#copy + 1] = key .. #list end table.sort(copy) print(table.concat(copy, " "))
local x, y = groups.a, groups.z print(type(x), type(y), tostring(y), #x)
for i = 1, 2 do local each = ({ groups.a, groups.b })[i] print(#each, each[1] + i) end
--- rows-or-a-new-table
local on = {}
local function sub(e, v) on[e] = on[e] or {} on[e][#on[e] + 1] = v end
sub("x", 1) sub("x", 2) sub("y", 3)
local function each(e) local n = 0 for _, v in ipairs(on[e] or {}) do n = n + v end return n end
print(each("x"), each("y"), each("z"), #(on.z or {}), (on.x or {})[2], (on.z or { 9 })[1])
for k, v in pairs(on.z or on.y) do print(k, v) end
