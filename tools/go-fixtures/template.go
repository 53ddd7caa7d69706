package main

import (
	"encoding/json"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

type templateCase struct {
	Template string `json:"template"`
	Output   string `json:"output,omitempty"`
	Parse    bool   `json:"parseError,omitempty"`
	Execute  bool   `json:"executeError,omitempty"`
}

// The data of every template: what JSON gives, so every number is a float64.
const templateData = `{"x":100,"n":null,"s":"str","m":{"b":true,"a":1.5,"c":null},"l":["a",2,null],"words":["pear","Apple","fig","","fig"],"t":"  Hello, Wörld! ","d":{"k":{"v":"deep"}},"big":1234567.25,"json":"{\"q\":[1,2.5,\"<z>\"]}","nums":[3,1,2],"e":[],"em":{}}`

func templateCases() any {
	time.Local = time.UTC
	var data any
	if err := json.Unmarshal([]byte(templateData), &data); err != nil {
		panic(err)
	}
	var cases []templateCase
	for _, text := range append(languageTemplates, sprigTemplates...) {
		one := templateCase{Template: text}
		parsed, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(text)
		if err != nil {
			one.Parse = true
		} else {
			var output strings.Builder
			if err := parsed.Execute(&output, data); err != nil {
				one.Execute = true
			} else {
				one.Output = output.String()
			}
		}
		cases = append(cases, one)
	}
	return map[string]any{"data": json.RawMessage(templateData), "cases": cases}
}

var languageTemplates = []string{
	`{{.x}}`, `{{.m}}`, `{{ nope }}`, `{{.m.q}}`, `{{.m.q.z}}`, `{{.s.q}}`, `{{.l}}`, `{{index .l 1}}`, `{{.n}}`, `{{range $i,$e := .l}}{{$i}}={{$e}};{{end}}`, `{{and 1 0 2}} {{or 0 "" "x"}} {{not true}} {{eq 1 1 2}} {{lt 1 2}}`, `{{len .l}}`, `{{slice "abcd" 1 3}}`, `{{html "<a>"}} {{js "'a'"}} {{urlquery "a b&c"}}`, `{{print 1 2 "a" "b" 3}}`, `{{println "x"}}`, `{{- /* c */ -}} a`, `{{with .s}}{{.}}{{else}}no{{end}}`, `{{define "T"}}[{{.}}]{{end}}{{template "T" .x}}`, `{{1.5}} {{'a'}} {{0x10}} {{1_000}}`, `{{eq 1 1.0}}`, `{{$a := 3}}{{$a = 4}}{{$a}}`, `{{block "B" .}}d{{end}}`, `{{if and .s (eq .s "str")}}y{{else if .x}}n{{end}}`, `{{break}}`, `{{index .m "a" }} {{index .m "zz"}}`, `{{call .x}}`, `{{"a`, `{{.x`, `{{end}}`, `{{if}}`, `{{nil}}`, `{{template "ZZ"}}`,
	`{{.m.c.x}}`, `{{index .l 5}}`, `{{index .m "a" "b"}}`, `{{range .m}}{{.}},{{end}}`, `{{range $k,$v := .m}}{{$k}}={{$v}},{{end}}`, `{{range .x}}a{{else}}b{{end}}`, `{{range .n}}a{{else}}b{{end}}`, `{{range 3}}{{.}}{{end}}`, `{{lt "a" 1}}`, `{{eq .n nil}}`, `{{eq .x 100.0}}`, `{{eq .x 100}}`, `{{len 3}}`, `{{"x" .s}}`, `{{.s | printf "%s-%s" "a"}}`, `{{(.m).a}}`, `{{.m.a.b}}`, `{{$x}}`, `{{$.s}}`, `{{with $y := .s}}{{$y}}{{end}}`, `{{printf "%d" .x}}`, `{{printf "%v %5.1f|%-5s|%05d|%x|%q" .l .m.a "a" 42 255 "q\n"}}`, `{{if not .n}}y{{end}}`, `{{and}}`, `{{or 0 nil}}`, `a{{- "b" -}} c`, `{{/* x */}}`, `{{ "\u00e9\n" }}`, "{{`raw\\n`}}", `{{1 | add 2}}`, `{{.m.b | not}}`, `{{index "abc" 1}}`, `{{ .missing.x.y | default "d" }}`, `{{range .l}}{{if eq . "a"}}{{continue}}{{end}}{{.}}{{break}}{{end}}`, `{{upper 3}}`, `{{upper}}`, `{{len .s}} {{len .m}}`, `{{template "T"}}`, `{{ .x.y }}`, `{{true}} {{false}}`, `{{ne 1 2}} {{le 2 2}} {{ge "b" "a"}}`, `{{print .n}}`, `{{index .n "a"}}`, `{{ div 1 0 }}`, `{{. | len}}`, `{{1.0}} {{1e3}} {{-3}} {{+4}} {{.5}}`, `}}`, `{{}}`, `{{ . "a" }}`, `{{ .s | .m }}`, `{{ (index .l 0) | upper }}`, `{{if .x}}{{else}}{{else}}{{end}}`, `{{range $i := .l}}{{$i}}{{end}}`, `{{ $v := "a" }}{{ if true }}{{ $v = "b" }}{{ end }}{{ $v }}`, `{{ html "<&>\"'" }}`, `{{ js "\n<" }}`,
	"x {{-\n.s\n-}} y", "{{- .s}}", `{{.s -}}   z`, `{{-3}}`, `{{ -3 }}`, `{{with .e}}a{{else with .s}}{{.}}{{end}}`, `{{range $i, $c := .e}}{{else}}none{{end}}`, `{{if .em}}y{{else}}n{{end}}`, `{{range .nums}}{{.}}{{if gt . 2.0}}!{{end}}{{end}}`, `{{.d.k.v}}`, `{{$.d.k.v}}`, `{{with .d}}{{.k.v}}{{$.s}}{{end}}`, `{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}<{{.}}>{{end}}{{template "a" .s}}`, `{{define "r"}}{{template "r"}}{{end}}{{template "r"}}`, `{{.big}}`, `{{eq .s "str" "x"}}`, `{{eq .m .m}}`, `{{lt 1 2 3}}`, `{{not}}`, `{{(len .l) | add 1}}`, `{{printf}}`, `{{printf "%s"}}`, `{{printf "%%"}}`, `{{len nil}}`, `{{index .l .x}}`, `{{index .l -1}}`, `{{eq .s 'a'}}`, `{{ .s }}{{ /* c */}}{{ .s }}`, `{{/*a*/ -}} b`, `{{if .s}}{{.s}}`, `{{with}}{{end}}`, `{{range $a, $b, $c := .l}}{{end}}`, `{{$a := 1 | add 1}}{{$a}}`, `{{ .s.}}`, `{{ .s .t }}`, `{{"a"|"b"}}`, `{{("a")}}`, `{{(1)}}`, `{{ .s|upper|lower }}`, `{{template}}`, `{{define x}}{{end}}`, `{{ "a" "b" }}`, `{{else}}`, `{{ 1.2.3 }}`, `{{ 08 }}`, `{{ 010 }}`, `{{ "\q" }}`, `{{ '' }}`, `{{ .Ünï }}`, `{{ $ }}`, `{{range .l}}{{$}}{{break}}{{end}}`, `{{ eq }}`, `{{ eq 1 }}`, `{{ gt 2.5 1.5 }} {{ lt "B" "a" }}`, `{{ ne .s "str" }}`, `{{ .s | eq "str" }}`, `{{ if eq .s "str" | not }}a{{ else }}b{{ end }}`,
}
