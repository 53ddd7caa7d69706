// Covers the Lua 5.1 interpreter as scripts in filters and transforms use it: language, libraries,
// the way JSON goes in and out, and the limits. Leaves out coroutines, which do not exist here.
import { describe, expect, it } from 'vitest';
import { runLua } from './index.ts';

function answer(source: string, event: Readonly<Record<string, unknown>> = {}): unknown {
  const result = runLua(source, { globals: { event } });
  return result.ok ? result.value.value : `error: ${result.error.message}`;
}

describe('Lua 5.1', () => {
  it.each([
    ['return 1 + 2 * 3 ^ 2 % 5', 1 + ((2 * 9) % 5)],
    ['return -2 ^ 2', -4],
    ['return 2 ^ 3 ^ 2', 512],
    ['return 7 % -3', -2],
    ['return "a" .. 1 .. 2.5', 'a12.5'],
    ['return "10" + 5', 15],
    ['return 1 == "1"', false],
    ['return nil and 1 or 2', 2],
    ['return not nil == true', true],
    ['return #"abc" + #{1, 2, 3}', 6],
    ['return "a" < "b" and 1 <= 1', true],
    ['return [[long\ntext]]', 'long\ntext'],
    ['return "\\65\\n\\"q\\""', 'A\n"q"'],
    ['return 0x10 + 1e2', 116],
    ['return tostring(10 / 2) .. tostring(1e15) .. tostring(0.1)', '51e+150.1'],
  ])('evaluates %s', (source, want) => {
    expect(answer(source)).toEqual(want);
  });

  it.each([
    ['local a, b = (function() return 1, 2 end)() return a + b', 3],
    ['local t = {} for i = 1, 10, 3 do t[#t + 1] = i end return table.concat(t, ",")', '1,4,7,10'],
    ['local n = 0 while true do n = n + 1 if n > 4 then break end end return n', 5],
    ['local n = 0 repeat local m = n n = n + 1 until m >= 3 return n', 4],
    ['local s = 0 for i, v in ipairs({4, 5, nil, 6}) do s = s + i * v end return s', 14],
    ['local function f(n) if n < 2 then return n end return f(n-1) + f(n-2) end return f(12)', 144],
    ['local function f(...) return select("#", ...), ... end return (f(1, nil, 3))', 3],
    ['local o = {n = 1} function o:inc(by) self.n = self.n + by end o:inc(4) return o.n', 5],
    ['local t = setmetatable({}, {__index = function(_, k) return k .. "!" end}) return t.x', 'x!'],
    ['local t = setmetatable({}, {__add = function(a, b) return 42 end}) return t + 1', 42],
    ['local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) return t', [3, 2, 1]],
    ['local t = {1, 2, 3} table.insert(t, 2, 9) table.remove(t, 1) return t', [9, 2, 3]],
    [
      'local ok, e = pcall(function() error({code = 7}) end) return {ok = ok, c = e.code}',
      { ok: false, c: 7 },
    ],
    ['return unpack({1, 2})', 1],
    ['local a = 1 do local a = 2 end return a', 1],
    [
      'local fs = {} for i = 1, 3 do fs[i] = function() return i end end return fs[1]() + fs[3]()',
      4,
    ],
  ])('runs %s', (source, want) => {
    expect(answer(source)).toEqual(want);
  });

  it.each([
    ['return ("hello world"):find("o w")', 5],
    ['return string.match("key = value", "^(%w+)%s*=%s*(%w+)$")', 'key'],
    ['return (string.gsub("hello", "l+", "L"))', 'heLo'],
    ['return (string.gsub("abc", "%w", "%0%0"))', 'aabbcc'],
    ['return (string.gsub("$name is $age", "%$(%w+)", {name = "Ann", age = 5}))', 'Ann is 5'],
    [
      'local t = {} for w in string.gmatch("one two", "%a+") do t[#t+1] = w end return t',
      ['one', 'two'],
    ],
    ['return string.format("%5.2f|%d|%s|%q", 3.14159, 42, "x", "y")', ' 3.14|42|x|"y"'],
    ['return ("x"):rep(3) .. ("abc"):sub(-2) .. ("abc"):upper() .. ("abc"):byte(2)', 'xxxbcABC98'],
    ['return string.find("a.b", ".", 1, true)', 2],
    ['return string.match("f(a(b)c)d", "%b()")', '(a(b)c)'],
    ['return string.match("2024-01-02", "(%d+)-(%d+)")', '2024'],
    ['return math.floor(-1.5) + math.max(1, 3) + math.abs(-2)', 3],
    ['return tonumber("0x1F") + tonumber("11", 2)', 34],
  ])('has the libraries: %s', (source, want) => {
    expect(answer(source)).toEqual(want);
  });

  it.each([
    ['if', 'unexpected'],
    ['return 1 +', 'unexpected'],
    ['x = ', 'unexpected'],
    ['return a.b', "attempt to index global 'a' (a nil value)"],
    ['nope()', "attempt to call global 'nope' (a nil value)"],
    ['return {} + 1', 'attempt to perform arithmetic on a table value'],
    ['return 1 < "x"', 'attempt to compare number with string'],
    ['\nerror("boom")', 'line 2: boom'],
    ['local x = "abc', 'unfinished string'],
  ])('reports %j with a reason', (source, reason) => {
    expect(answer(source)).toContain(reason);
  });

  it.each([
    'while true do end',
    'return string.rep("x", 1e9)',
    'local function f() return f() + 1 end f()',
  ])('ends the hostile script %j', (source) => {
    expect(answer(source)).toMatch(/^error: /);
  });

  it('has neither files nor clock nor loading of code', () => {
    expect(
      answer('return {io == nil, os == nil, load == nil, loadstring == nil, require == nil}'),
    ).toEqual([true, true, true, true, true]);
  });
});

describe('JSON in and out of Lua', () => {
  it('drops nulls, and arrays and nulls within arrays, on the way in', () => {
    expect(answer('return event', { a: null, b: [1, null, [2], 3], c: { d: null } })).toEqual({
      b: [1, 3],
      c: {},
    });
  });

  it('makes an array of a table with integer keys and drops its text keys', () => {
    expect(answer('return {"a", "b", k = "lost"}')).toEqual(['a', 'b']);
  });

  it('makes an empty table an object unless its metatable says __is_array', () => {
    expect(answer('return {x = {}, y = setmetatable({}, {__is_array = true})}')).toEqual({
      x: {},
      y: [],
    });
  });
});
