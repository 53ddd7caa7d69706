package main

import (
	"encoding/json"
	"fmt"

	"github.com/evilmonkeyinc/jsonpath"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
)

func exprEnv() map[string]any {
	return map[string]any{
		"i": 7, "j": -3, "zero": 0, "f": 2.5, "g": -0.5, "s": "hello", "e": "", "u": "grüße",
		"t": true, "b": false, "n": nil,
		"ints":   []any{3, 1, 2},
		"floats": []any{1.5, 0.25, -2.0},
		"words":  []any{"pear", "apple", "fig"},
		"mixed":  []any{1, "a", nil, 2.5, true},
		"empty":  []any{},
		"nested": []any{[]any{1, 2}, []any{3, []any{4}}},
		"m":      map[string]any{"a": 1, "b": map[string]any{"c": "deep"}, "x-y": "dash", "n": nil},
		"people": []any{
			map[string]any{"name": "Ann", "age": 41, "tags": []any{"x", "y"}},
			map[string]any{"name": "Bob", "age": 23, "tags": []any{}},
			map[string]any{"name": "Cid", "age": 30, "tags": []any{"y"}},
		},
		"inputs":   map[string]any{"parameters": map[string]any{"count": "3", "ratio": "0.5", "list": `["a","b"]`, "my-name": "x"}},
		"workflow": map[string]any{"name": "wf", "parameters": map[string]any{"json": `{"a":{"b":[1,2,{"c":"d"}]}}`}},
	}
}

func withFunctions(env map[string]any) map[string]any {
	all := map[string]any{}
	for key, value := range env {
		all[key] = value
	}
	all["asInt"] = builtin.Int
	all["asFloat"] = builtin.Float
	all["toJson"] = func(value any) string {
		text, err := json.Marshal(value)
		check(err)
		return string(text)
	}
	all["jsonpath"] = func(text string, path string) any {
		var value any
		check(json.Unmarshal([]byte(text), &value))
		found, err := jsonpath.Query(path, value)
		check(err)
		return found
	}
	return all
}

func runExpr(source string, env map[string]any) (outcome result) {
	outcome.Source = source
	defer func() {
		if problem := recover(); problem != nil {
			outcome.Error = fmt.Sprint(problem)
			outcome.Phase = "run"
		}
	}()
	program, err := expr.Compile(source, expr.Env(env))
	if err != nil {
		outcome.Error = err.Error()
		outcome.Phase = "compile"
		return outcome
	}
	value, err := expr.Run(program, env)
	if err != nil {
		outcome.Error = err.Error()
		outcome.Phase = "run"
		return outcome
	}
	outcome.Value = encode(value)
	return outcome
}

var exprOperands = []string{
	"1", "0", "-4", "2.5", "0.0", `"a"`, `""`, `"7"`, "true", "false", "nil", "[1, 2]", "[]", `{"a": 1}`,
	"i", "f", "s", "n", "ints", "words", "m", "t",
}

var exprOperators = []string{
	"+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "&&", "or", "??", "..",
	"contains", "startsWith", "endsWith", "matches",
}

func combinedExprs() []string {
	var all []string
	for a, left := range exprOperands {
		for b, right := range exprOperands {
			for c, operator := range exprOperators {
				// Every third combination keeps the file small and still meets each pair of kinds.
				if (a+b*2+c*3)%5 != 0 {
					continue
				}
				all = append(all, fmt.Sprintf("%s %s %s", left, operator, right))
			}
		}
	}
	unary := []string{"abs", "ceil", "floor", "round", "int", "float", "string", "len", "type", "first", "last", "keys",
		"values", "toPairs", "fromPairs", "reverse", "uniq", "flatten", "sort", "sum", "mean", "median", "min", "max",
		"upper", "lower", "trim", "toJSON", "fromJSON", "toBase64", "fromBase64", "asInt", "asFloat", "toJson", "join",
		"concat", "bitnot", "count", "not", "-", "!"}
	operands := append([]string{"j", "g", "e", "u", "floats", "mixed", "empty", "nested", `"3.5"`, `" x "`, `[[1, "a"]]`, "people",
		`"aGk="`, `"[1, 2.5, null]"`, "1.5", "-1.5", "2.4999"}, exprOperands...)
	for _, name := range unary {
		for _, operand := range operands {
			if operand == "m" && (name == "keys" || name == "values" || name == "toPairs") {
				continue // Go's order of several keys is random.
			}
			if name == "-" || name == "!" || name == "not" {
				all = append(all, fmt.Sprintf("%s %s", name, operand))
			} else {
				all = append(all, fmt.Sprintf("%s(%s)", name, operand))
			}
		}
	}
	return all
}

func writeExpr() {
	env := exprEnv()
	all := withFunctions(env)
	var cases []result
	for _, source := range unique(append(lines("expr.txt"), combinedExprs()...)) {
		cases = append(cases, runExpr(source, all))
	}
	write("expr.json", map[string]any{"env": encode(env), "cases": cases})
	fmt.Println("expr", len(cases))
}
