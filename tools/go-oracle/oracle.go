// Package oracle answers questions about what a Go library does, one line of JSON for one line of
// JSON, so that another program can compare itself with it.
package oracle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Question is one input of one language; which fields it has is the language's business.
type Question struct {
	Language string            `json:"language"`
	Source   string            `json:"source"`
	Document string            `json:"document"`
	Zone     string            `json:"zone"`
	After    string            `json:"after"`
	Values   []json.RawMessage `json:"values"`
}

// Answer gives what is compared; a panic in it becomes a failure.
type Answer func(Question) map[string]any

// Serve answers until the input ends. The order of the answers is that of the questions.
func Serve(input io.Reader, output io.Writer, answers map[string]Answer) {
	lines := bufio.NewScanner(input)
	lines.Buffer(make([]byte, 1<<20), 1<<24)
	written := bufio.NewWriter(output)
	encoder := json.NewEncoder(written)
	encoder.SetEscapeHTML(false)
	for lines.Scan() {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			panic(err)
		}
		answer, known := answers[question.Language]
		if !known {
			panic("no such language: " + question.Language)
		}
		if err := encoder.Encode(guarded(answer, question)); err != nil {
			check(encoder.Encode(map[string]any{"unwritable": err.Error()}))
		}
		check(written.Flush())
	}
	check(lines.Err())
}

func guarded(answer Answer, question Question) (given map[string]any) {
	defer func() {
		if problem := recover(); problem != nil {
			given = map[string]any{"x": fmt.Sprint(problem), "p": "panic"}
		}
	}()
	return answer(question)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
