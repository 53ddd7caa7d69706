// Writes the differential fixtures of libs/lang: what the Go libraries that Argo uses answer.
//
//	go run . gjson > ../../libs/lang/fixtures/gjson.json
//	go run . cron > ../../libs/lang/fixtures/cron.json
//	go run . template > ../../libs/lang/fixtures/template.json
//	go run . jq > ../../libs/lang/fixtures/jq.json
//
// With `oracle` it answers single questions on standard input (npm run fuzz).
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "oracle" {
		serve()
		return
	}
	makers := map[string]func() any{"gjson": gjsonCases, "cron": cronCases, "template": templateCases, "jq": jqCases}
	if len(os.Args) != 2 || makers[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: go run . gjson|cron|template|jq")
		os.Exit(2)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(makers[os.Args[1]]()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
