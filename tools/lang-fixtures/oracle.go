package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	oracle "argosy/go-oracle"
)

// serve answers single questions in place of writing the fixtures.
func serve() {
	env := withFunctions(exprEnv())
	var data any
	check(json.Unmarshal([]byte(jsonPathData), &data))
	oracle.Serve(os.Stdin, os.Stdout, map[string]oracle.Answer{
		// The values that the expressions can name, so that both sides have the same.
		"given": func(oracle.Question) map[string]any {
			return map[string]any{"expr": encode(exprEnv()), "when": encode(whenParameters()), "jsonpath": data}
		},
		"expr":     func(q oracle.Question) map[string]any { return answerOf(runExpr(q.Source, env)) },
		"when":     func(q oracle.Question) map[string]any { return answerOf(runWithParameters(q.Source)) },
		"bareword": func(q oracle.Question) map[string]any { return answerOf(runBareword(q.Source)) },
		"jsonpath": func(q oracle.Question) map[string]any { return answerOf(runJSONPath(q.Source, data)) },
		"printf":   answerPrintf,
		"duration": answerDuration,
	})
}

func answerOf(outcome result) map[string]any {
	if outcome.Error != "" {
		return map[string]any{"x": outcome.Error, "p": outcome.Phase}
	}
	return map[string]any{"r": outcome.Value}
}

func answerPrintf(q oracle.Question) map[string]any {
	values := make([]any, len(q.Values))
	for index, raw := range q.Values {
		values[index] = decode(raw)
	}
	return map[string]any{"r": fmt.Sprintf(q.Source, values...)}
}

func answerDuration(q oracle.Question) map[string]any {
	duration, err := time.ParseDuration(q.Source)
	if err != nil {
		return map[string]any{"x": err.Error()}
	}
	// The value is also printed, as a status shows it.
	return map[string]any{"r": strconv.FormatInt(int64(duration), 10), "text": duration.String()}
}

// decode reads what encode writes, for plain values.
func decode(raw json.RawMessage) any {
	var value any
	check(json.Unmarshal(raw, &value))
	tagged, isTagged := value.(map[string]any)
	if !isTagged {
		return value
	}
	if text, isInt := tagged["i"].(string); isInt {
		number, err := strconv.Atoi(text)
		check(err)
		return number
	}
	number, err := strconv.ParseFloat(tagged["f"].(string), 64)
	check(err)
	return number
}
