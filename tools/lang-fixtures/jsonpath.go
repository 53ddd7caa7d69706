package main

import (
	"encoding/json"
	"fmt"

	"github.com/evilmonkeyinc/jsonpath"
)

const jsonPathData = `{"store":{"book":[{"title":"A","price":8.95,"isbn":"1"},{"title":"B","price":12.99},{"title":"C","price":22.5,"tags":["x","y"]}],"open":true,"name":"s-1","x-y":null},"expensive":10,"list":[1,2,3,4],"empty":[]}`

func writeJSONPath() {
	var data any
	check(json.Unmarshal([]byte(jsonPathData), &data))
	var cases []result
	for _, path := range lines("jsonpath.txt") {
		cases = append(cases, runJSONPath(path, data))
	}
	write("jsonpath.json", map[string]any{"data": data, "cases": cases})
	fmt.Println("jsonpath", len(cases))
}

func runJSONPath(path string, data any) (outcome result) {
	outcome.Source = path
	defer recoverInto(&outcome)
	value, err := jsonpath.Query(path, data)
	finish(&outcome, value, err)
	return outcome
}
