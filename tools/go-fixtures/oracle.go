package main

import (
	"encoding/json"
	"os"
	"time"

	oracle "argosy/go-oracle"
	"github.com/robfig/cron/v3"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// serve answers single questions in place of writing the fixtures.
func serve() {
	oracle.Serve(os.Stdin, os.Stdout, map[string]oracle.Answer{
		"gjson": answerGet, "sjson": answerSet, "cron": answerCron,
	})
}

func answerGet(q oracle.Question) map[string]any {
	types := map[gjson.Type]string{gjson.Null: "null", gjson.False: "false", gjson.True: "true",
		gjson.Number: "number", gjson.String: "string", gjson.JSON: "json"}
	found := gjson.Get(q.Document, q.Source)
	return map[string]any{"r": map[string]any{"exists": found.Exists(), "type": types[found.Type],
		"raw": found.Raw, "text": found.String()}}
}

func answerSet(q oracle.Question) map[string]any {
	var value any
	if err := json.Unmarshal(q.Values[0], &value); err != nil {
		panic(err)
	}
	written, err := sjson.Set(q.Document, q.Source, value)
	if err != nil {
		return map[string]any{"x": err.Error()}
	}
	return map[string]any{"r": written}
}

func answerCron(q oracle.Question) map[string]any {
	schedule, err := cron.ParseStandard(q.Source)
	if err != nil {
		return map[string]any{"x": err.Error()}
	}
	location, err := time.LoadLocation(q.Zone)
	if err != nil {
		panic(err)
	}
	at, err := time.Parse(time.RFC3339, q.After)
	if err != nil {
		panic(err)
	}
	at = at.In(location)
	var fires []string
	for count := 0; count < 4; count++ {
		at = schedule.Next(at)
		if at.IsZero() {
			fires = append(fires, "never")
			break
		}
		fires = append(fires, at.UTC().Format(time.RFC3339))
	}
	return map[string]any{"r": fires}
}
