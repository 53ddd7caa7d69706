package main

import (
	"bytes"
	"encoding/json"
	"os"

	"k8s.io/apimachinery/pkg/labels"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/util/jsonpath"
)

const fixtures = "../../libs/lang/fixtures/kubernetes.json"

type selectorCase struct {
	Selector string `json:"selector"`
	Error    bool   `json:"error,omitempty"`
	// For each of the label sets, whether they match.
	Matches []bool `json:"matches,omitempty"`
}

type pathCase struct {
	Template string `json:"template"`
	Error    bool   `json:"error,omitempty"`
	Output   string `json:"output"`
}

var labelSets = []map[string]string{
	{}, {"a": "b"}, {"a": "c", "x/y": "z"}, {"a": "", "n": "5"}, {"n": "10", "app": "web-1"},
}

func selectors() []string {
	keys := []string{"a", "x/y", "n", "app", "A", "-a", "a b", "", "1", "x/y/z", "a.b/c_d"}
	values := []string{"b", "", "5", "web-1", "b c", "-", "(b)", "z,a", "ü"}
	operators := []string{"=", "==", "!=", " in ", " notin ", ">", "<", " = ", "=>", "in"}
	all := []string{"", " ", ",", "a", "!a", "! a", "a,n", "a,,n", "!a,!n", "a in (b,c)", "a in ()", "a in (b", "a in b",
		"a notin (b,c)", "a notin (b),n", "a in (b, c ), n>4", "n>x", "n<6,n>4", "a=b,a=c", "a!=b,a!=c", "a in (,)", "a in (b,)",
		"in", "in in (in)", "notin notin (notin)", "a=in", "a==b==c", "a=b=c", "!a=b", "a exists", "x/y=z", "x/y in (z)", "(a)"}
	for _, key := range keys {
		for _, operator := range operators {
			for _, value := range values {
				all = append(all, key+operator+value)
				if operator == " in " || operator == " notin " {
					all = append(all, key+operator+"("+value+")")
				}
			}
		}
	}
	return all
}

const pathData = `{"kind":"List","items":[{"metadata":{"name":"a","labels":{"x.y/z":"1"}},"n":1,"ok":true},
{"metadata":{"name":"b"},"n":20,"f":2.5,"ok":false,"list":[1,2,3]},{"metadata":{"name":"c"},"n":30,"nil":null}],"empty":[],"s":"text","big":123456789}`

func paths() []string {
	all := []string{"{.kind}", "{.items}", "{$.kind}", "{@.kind}", "{.nope}", "{.items[0].metadata.name}", "{.items[*].metadata.name}",
		"{.items[-1].n}", "{.items[1:3].n}", "{.items[:2].n}", "{.items[::2].n}", "{.items[9]}", "{.items[0,2].n}", "{.items[1].list[*]}",
		"{.items[?(@.n>2)].metadata.name}", "{.items[?(@.n==1)].n}", "{.items[?(@.ok==true)].n}", `{.items[?(@.metadata.name=="b")].n}`,
		"{.items[?(@.list)].n}", "{.items[?(@.n!=1)].n}", "{.items[?(@.n<=2.5)].n}", "{..name}", "{.items[*]['metadata.name','n']}",
		`{range .items[*]}{.n}{"\n"}{end}`, `{range .items[*]}{.metadata.name}={.n}, {end}`, "{range .items[*]}{.nope}{end}", "a{.kind}b{.s}",
		`{"quoted"}{'single'}`, "{.items[0].metadata.labels.x\\.y/z}", "{.items[0].metadata.labels['x\\.y/z']}", "{.s.x}", "{.empty}", "{.empty[0]}",
		"{.big}", "{.items[2].nil}", "{", "}", "{.items[", "{.items[a]}", "{.}", "{}", "{.items[0]}", "{end}", "{range .items[*]}",
		"{.items[*].list[0]}", "{.items[1:].metadata.name}", "{.items[-2:].n}", "{.items[0:9].n}", "{.items[2:1].n}", "{.items[?(1)].n}",
		"{.items[?(@.n > 1)].n}", "{$..n}", "{.items[0]['n']}", "{['kind']}", "{.items[*]}", "plain", "", "{.s}{.s}", "{ .kind }", "{.items[1].list[1:]}"}
	return all
}

func writeFixtures() {
	var selectorCases []selectorCase
	for _, text := range selectors() {
		one := selectorCase{Selector: text}
		if selector, err := labels.Parse(text); err != nil {
			one.Error = true
		} else {
			for _, set := range labelSets {
				one.Matches = append(one.Matches, selector.Matches(labels.Set(set)))
			}
		}
		selectorCases = append(selectorCases, one)
	}
	var data any
	// Whole numbers are integers, as in objects that Kubernetes' API gives.
	check(utiljson.Unmarshal([]byte(pathData), &data))
	var pathCases []pathCase
	for _, text := range paths() {
		pathCases = append(pathCases, runPath(text, data))
	}
	var output bytes.Buffer
	encoder := json.NewEncoder(&output)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	check(encoder.Encode(map[string]any{
		"labelSets": labelSets, "selectors": selectorCases, "data": data, "paths": pathCases,
	}))
	check(os.WriteFile(fixtures, output.Bytes(), 0o644))
}

func runPath(text string, data any) (one pathCase) {
	one.Template = text
	defer func() {
		if recover() != nil {
			one.Error, one.Output = true, ""
		}
	}()
	path := jsonpath.New("p")
	var output bytes.Buffer
	if path.Parse(text) != nil || path.Execute(&output, data) != nil {
		one.Error = true
		return one
	}
	one.Output = output.String()
	return one
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
