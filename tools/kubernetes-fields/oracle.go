package main

import (
	"os"

	oracle "argosy/go-oracle"
	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"
)

// serve answers single questions in place of writing anything.
func serve() {
	var data any
	check(utiljson.Unmarshal([]byte(pathData), &data))
	oracle.Serve(os.Stdin, os.Stdout, map[string]oracle.Answer{
		// What the questions are about, so that both sides have the same.
		"given": func(oracle.Question) map[string]any {
			return map[string]any{"labels": labelSets, "kubepath": data}
		},
		"labels": func(q oracle.Question) map[string]any {
			selector, err := labels.Parse(q.Source)
			if err != nil {
				return map[string]any{"x": err.Error()}
			}
			matches := make([]bool, len(labelSets))
			for index, set := range labelSets {
				matches[index] = selector.Matches(labels.Set(set))
			}
			return map[string]any{"r": matches}
		},
		"kubepath": func(q oracle.Question) map[string]any {
			one := runPath(q.Source, data)
			if one.Error {
				return map[string]any{"x": "refused"}
			}
			return map[string]any{"r": one.Output}
		},
	})
}
