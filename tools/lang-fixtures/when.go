package main

import (
	"fmt"
	"strings"

	"github.com/Knetic/govaluate"
)

func whenParameters() map[string]any {
	return map[string]any{"a": "alpha", "n": 5.0, "z": 0.0, "t": true, "f": false, "s": "", "date": "2024-01-02", "nil": nil, "neg": -2.5}
}

// runBareword evaluates as a step's condition: unquoted words are text.
func runBareword(source string) (outcome result) {
	outcome.Source = source
	defer recoverInto(&outcome)
	expression, err := govaluate.NewEvaluableExpression(source)
	if err != nil {
		outcome.Error, outcome.Phase = err.Error(), "compile"
		return outcome
	}
	tokens := expression.Tokens()
	for index := range tokens {
		if tokens[index].Kind == govaluate.VARIABLE {
			tokens[index].Kind = govaluate.STRING
		}
	}
	expression, err = govaluate.NewEvaluableExpressionFromTokens(tokens)
	if err != nil {
		outcome.Error, outcome.Phase = err.Error(), "compile"
		return outcome
	}
	value, err := expression.Evaluate(nil)
	finish(&outcome, value, err)
	return outcome
}

func runWithParameters(source string) (outcome result) {
	outcome.Source = source
	defer recoverInto(&outcome)
	expression, err := govaluate.NewEvaluableExpression(source)
	if err != nil {
		outcome.Error, outcome.Phase = err.Error(), "compile"
		return outcome
	}
	value, err := expression.Evaluate(whenParameters())
	finish(&outcome, value, err)
	return outcome
}

func finish(outcome *result, value any, err error) {
	if err != nil {
		outcome.Error, outcome.Phase = err.Error(), "run"
		return
	}
	outcome.Value = encode(value)
}

func recoverInto(outcome *result) {
	if problem := recover(); problem != nil {
		outcome.Value = nil
		outcome.Error, outcome.Phase = fmt.Sprint(problem), "panic"
	}
}

func combinedWhens() []string {
	operands := []string{"a", "n", "5", "'a'", "true", "f", "-1", "(1, 2)", "s", "0x1F", ".5"}
	operators := []string{"==", "!=", "<", ">=", "=~", "!~", "in", "&&", "||", "+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", "??", "?"}
	var all []string
	for a, left := range operands {
		for b, right := range operands {
			for c, operator := range operators {
				if (a+b+c)%3 == 0 {
					all = append(all, strings.Join([]string{left, operator, right}, " "))
				}
			}
		}
	}
	arithmetic := []string{"+", "-", "*", "/", "**", "%", "<<", "|"}
	for _, first := range arithmetic {
		for _, second := range arithmetic {
			all = append(all, fmt.Sprintf("7 %s 2 %s 3", first, second), fmt.Sprintf("9 %s 2 %s -3 %s 4 > 1", first, second, first))
		}
	}
	return all
}

func writeWhen() {
	var barewords, parameters []result
	for _, source := range unique(append(lines("when.txt"), combinedWhens()...)) {
		barewords = append(barewords, runBareword(source))
		parameters = append(parameters, runWithParameters(source))
	}
	write("when.json", map[string]any{"parameters": encode(whenParameters()), "barewords": barewords, "general": parameters})
	fmt.Println("when", len(barewords), len(parameters))
}
