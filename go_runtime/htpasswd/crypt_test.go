package htpasswd

import "testing"

// The hashes are of "pw" unless a case says otherwise, made by OpenSSL, Apache's
// htpasswd and Debian's crypt(); the verdicts are nginx's.
func TestVerify(t *testing.T) {
	for _, check := range []struct {
		name, hashed string
		want         verdict
	}{
		{"plain", "{PLAIN}pw", right},
		{"plain with a blank", "{PLAIN}pw ", wrong},
		{"plain in lower case", "{plain}pw", wrong},
		{"no scheme", "pw", wrong},
		{"nothing", "", wrong},
		{"SHA-1", "{SHA}GpHWL3ymc5liWkNopqtdSjuqYHM=", right},
		{"SHA-1 without padding", "{SHA}GpHWL3ymc5liWkNopqtdSjuqYHM", wrong},
		{"broken SHA-1", "{SHA}zz", wrong},
		{"salted SHA-1", "{SSHA}K/qCHdTzr1rftXNEV4Ob7XsySBlzYWx0", right},
		{"broken salted SHA-1", "{SSHA}zz", wrong},
		{"apr1", "$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z1", right},
		{"apr1 of another", "$apr1$abcdefgh$5VEbMkemELfbhC5ck.U.z2", wrong},
		{"md5crypt", "$1$abcdefgh$IQtUouv7y7Q9dRWkQEPCc.", right},
		{"sha256crypt", "$5$abcdefgh$ijtOJ//yvc/9bq1g0llFn9dB688BwBDRD90DlKKSKE1", right},
		{"sha256crypt with rounds", "$5$rounds=1000$abcdefgh$ggW8Ynp0m1BgJIXoc8pRCAiEP.uCk5kdN89CuGUnta.", right},
		{"sha512crypt", "$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9IjsiQ8VPiTXBiZF49dFL1U4wX/", right},
		{"bcrypt 2a", "$2a$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", right},
		{"bcrypt 2b", "$2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", right},
		{"bcrypt 2y", "$2y$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW", right},
		{"bcrypt of another", "$2y$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09Mlzla", wrong},
		{"bcrypt without a digest", "$2y$04$abcdefghijklmnopqrstuu", wrong},
		{"DES", "abzlUXK5ed5rs", right},
		{"DES of another", "abzlUXK5ed5rt", wrong},
		{"salt alone", "ab", wrong},
		{"no salt", "*0", wrong},
		{"an unknown form", "$9$abc$def", wrong},
		{"yescrypt", "$y$j9T$abcdefghijklmnop$wRwvHNqzMkHLG74uLLCRVTwaZ.a1aIothEUeYGf9oED", unknown},
		{"scrypt", "$7$DU..../....abcdefgh$bn1dZ0FzEDQjXfeBGJgxMIVv6c2g.q/4bmCU0ATWftB", unknown},
		{"BSDi", "_J9..CCCCaxLHlwiamg2", unknown},
	} {
		if got := verify("pw", check.hashed); got != check.want {
			t.Errorf("%s: %d, want %d", check.name, got, check.want)
		}
	}
	if verify("pw\x00x", "{PLAIN}pw") != right {
		t.Error("a password goes on behind a NUL")
	}
}

func TestLookup(t *testing.T) {
	const file = "# u:comment\nu:first\nu:second\n#x:y\nnocolon\n a:blank\r\nwith:{PLAIN}pw:and a comment\nlast:one"
	for _, check := range []struct{ user, want string }{
		{"u", "first"}, {"# u", ""}, {"#x", ""}, {"nocolon", ""}, {" a", "blank"}, {"a", ""},
		{"with", "{PLAIN}pw"}, {"last", "one"}, {"las", ""}, {"", ""},
	} {
		if got, ok := lookup(file, check.user); got != check.want || ok != (check.want != "") {
			t.Errorf("%q: %q, %v, want %q", check.user, got, ok, check.want)
		}
	}
}

func TestMemory(t *testing.T) {
	const hashed = "{PLAIN}pw"
	var k passwords
	for range 2 {
		if k.verify("pw", hashed) != right || k.verify("pv", hashed) != wrong {
			t.Error("a wrong verdict")
		}
	}
	if len(k.right) != 1 {
		t.Errorf("%d passwords are remembered", len(k.right))
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("pw", "$5$rounds=1000$a$b")
	f.Add("pw", "$2y$04$abcdefghijklmnopqrstuu")
	f.Fuzz(func(t *testing.T, password, hashed string) {
		if len(hashed) > 6 && (hashed[0] == '$' && hashed[4] > '0') {
			return // a high cost
		}
		verify(password, hashed)
	})
}
