package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"strings"

	"github.com/itchyny/gojq"
)

type jqCase struct {
	Filter string `json:"filter"`
	// The first output, as Argo Events takes it; absent when there is none or an error.
	Output *json.RawMessage `json:"output,omitempty"`
	Error  string           `json:"error,omitempty"`
}

type jqFixtures struct {
	Input json.RawMessage `json:"input"`
	Cases []jqCase        `json:"cases"`
}

const jqInput = `{"a":1,"b":"2","c":{"d":[3,4,{"e":null}],"x":{"y":[1,[2,[3]]]}},"s":"x y, z","list":[3,1,2],"on":true,"off":false,"none":null,"f":-2.5,"text":"Füßchen <b> & 'q' \"d\"\n","people":[{"n":"Ann","age":3,"tags":["a","b"]},{"n":"Bob","age":1,"tags":[]},{"n":"Cy","age":3,"tags":["b"]}],"when":1425599621,"iso":"2015-03-05T23:51:47Z","empty":{},"nil":[],"doc":"{\"in\":[1,2]}","b64":"aGVsbG8="}`

//go:embed jq.txt
var jqFilters string

func jqCases() any {
	fixtures := jqFixtures{Input: json.RawMessage(jqInput)}
	lines := bufio.NewScanner(strings.NewReader(jqFilters))
	for lines.Scan() {
		filter := lines.Text()
		if filter == "" || strings.HasPrefix(filter, "# ") {
			continue
		}
		fixtures.Cases = append(fixtures.Cases, runJq(filter, jqInput))
	}
	return fixtures
}

func runJq(filter, document string) jqCase {
	result := jqCase{Filter: filter}
	query, err := gojq.Parse(filter)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	var input any
	if err := json.Unmarshal([]byte(document), &input); err != nil {
		panic(err)
	}
	value, any := query.Run(input).Next()
	if !any {
		return result
	}
	if err, failed := value.(error); failed {
		result.Error = err.Error()
		return result
	}
	text, err := gojq.Marshal(value)
	if err != nil {
		panic(err)
	}
	raw := json.RawMessage(text)
	result.Output = &raw
	return result
}
