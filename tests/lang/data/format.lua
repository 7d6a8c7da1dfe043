local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- integers
for _, n in ipairs{0, 1, -1, 42, -42, 2^31, -2^31, 2^53, 1e15, 3.7, -3.7} do
  for _, f in ipairs{"%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%-8.3d|", "%i", "%+5d", "%05.2d", "%.0d"} do show(f, f:format(n)) end
end
--- bases
for _, n in ipairs{0, 1, 255, 4096, 2^32 - 1, 2^32, 2^53, -1, -255} do
  for _, f in ipairs{"%x", "%X", "%o", "%u", "%#x", "%#X", "%#o", "%08x", "%-8x|", "%.4x", "%8.4X"} do show(f, f:format(n)) end
end
--- floats
for _, n in ipairs{0, 1, -1, 0.5, 1.5, 2.5, 1/3, -1/3, 1e10, 1e-10, 123456.789, 1e100, 1e300, 5e-324, 0.1, 99.995, 2^53, 1/0, -1/0} do
  for _, f in ipairs{"%f", "%.2f", "%.0f", "%10.3f", "%-10.3f|", "%+f", "%010.2f", "%e", "%.0e", "%.3E", "%12.4e", "%g", "%.3g", "%.10g", "%G", "%#g", "%#.0f", "%.17g", "%.14g", "%5.1f"} do show(f, f:format(n)) end
end
--- hex-floats
for _, n in ipairs{0, 1, -1, 0.5, 1.5, 1/3, 1e10, 5e-324, 1.7976931348623157e308, 1/0, -1/0} do
  for _, f in ipairs{"%a", "%A", "%.3a", "%.0a", "%15a", "%-15a|", "%+a", "%015a"} do show(f, f:format(n)) end
end
--- not-a-number
local nan = math.huge - math.huge
for _, f in ipairs{"%f", "%g", "%e", "%5.1f"} do show((f:format(nan):gsub("-nan", "nan"):gsub(" ", ""))) end
--- strings
for _, v in ipairs{"", "a", "hello", "a\0b", 12, 1.5, true, false} do
  for _, f in ipairs{"%s", "%5s|", "%-5s|", "%.2s|", "%5.2s|", "%-8.3s|", "%.0s|", "%10s"} do show(f, f:format(v)) end
end
show(("%s"):format(nil), ("%s %s"):format(1, "x"), ("%5s"):format(nil))
--- characters
for _, c in ipairs{65, 0, 255, 97.9, 321} do show(("%c"):format(c), ("%5c|"):format(c), ("%-5c|"):format(c)) end
--- quoted
for _, s in ipairs{"", "plain", 'say "hi"', "back\\slash", "line\nbreak", "cr\rlf", "tab\t", "nul\0", "nul\0001", "\1272", "é\200", "\1\2\3", "a\r\nb"} do show(("%q"):format(s)) end
show(("%q"):format(5), ("%q"):format(1.5), pcall(function(v) return (("%q"):format(v)) end, nil))
--- percent-and-text
show(("%%"):format(), ("100%%"):format(), ("a%%b%sc"):format("X"), (""):format(), ("no conversions"):format(1, 2))
--- several
show(("%s|%d|%5.2f|%x|%c|%q|%%"):format("s", 42, 3.14159, 255, 65, "q")) show(("%3d:%-3d:%03d"):format(1, 2, 3)) show(("%s %s %s"):format(unpack{1, 2, 3}))
--- coercion
show(("%d"):format("10"), ("%d"):format(" 0x10 "), ("%f"):format("1.5"), ("%s"):format(1e15), ("%x"):format("255"), ("%c"):format("65"))
show(string.format(5, 1), string.format("%d", 3.99), string.format("%d", -3.99))
--- errors
local function try(f, ...) show(pcall(function(...) return (f:format(...)) end, ...)) end
try("%d") try("%d", nil) try("%d", "x") try("%d", {}) try("%s") try("%y", 1) try("%", 1) try("%5", 1) try("%123d", 1) try("%.123d", 1) try("%-#0 +5d", 1) try("%f", true) try("%c", "x") try("%q") try("%q", {}) try("%s %s", 1) try("%ll", 1) try("%.5", 1) try("%5.q", 1) try("%n", 1)
--- padding-table
for _, row in ipairs{{"apple", 1.5, 3}, {"kiwi", 10.25, 12}, {"watermelon", 100, 1}} do show(("%-10s|%8.2f|%4d|"):format(row[1], row[2], row[3])) end
--- large-widths
show(#("%99d"):format(1), #("%.99f"):format(1), #("%99.99f"):format(1/3), #("%-99s"):format("x"), ("%.60f"):format(0.1), ("%.30g"):format(0.1))
