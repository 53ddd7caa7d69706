// Writes libs/lang/fixtures/*.json: what the Go libraries give for lists of expressions, so that the
// TypeScript implementations can be compared with them. Run from this folder: go run .
// With `oracle` it answers single questions on standard input (npm run fuzz).
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"
)

const out = "../../libs/lang/fixtures"

// result is one case: the source, and either a value or the fact that it fails.
type result struct {
	Source string `json:"e"`
	Value  any    `json:"r,omitempty"`
	Error  string `json:"x,omitempty"`
	Phase  string `json:"p,omitempty"`
}

// encode writes a Go value so that ints and floats stay apart.
func encode(value any) any {
	switch v := value.(type) {
	case nil, bool, string:
		return v
	case int:
		return map[string]any{"i": strconv.Itoa(v)}
	case int64:
		return map[string]any{"i": strconv.FormatInt(v, 10)}
	case uint8:
		return map[string]any{"i": strconv.Itoa(int(v))}
	case float64:
		return map[string]any{"f": strconv.FormatFloat(v, 'g', -1, 64)}
	case []byte:
		return map[string]any{"b": fmt.Sprintf("%x", v)}
	case time.Duration:
		return map[string]any{"d": strconv.FormatInt(int64(v), 10)}
	case time.Time:
		return map[string]any{"t": strconv.FormatInt(v.UnixMilli(), 10)}
	}
	return encodeReflected(value)
}

func lines(file string) []string {
	handle, err := os.Open(file)
	check(err)
	defer handle.Close()
	var all []string
	scanner := bufio.NewScanner(handle)
	scanner.Buffer(make([]byte, 1<<20), 1<<20)
	for scanner.Scan() {
		text := scanner.Text()
		if strings.HasPrefix(text, "## ") || strings.TrimSpace(text) == "" {
			continue
		}
		all = append(all, text)
	}
	check(scanner.Err())
	return all
}

func unique(all []string) []string {
	seen := map[string]bool{}
	var kept []string
	for _, each := range all {
		if !seen[each] {
			seen[each] = true
			kept = append(kept, each)
		}
	}
	return kept
}

func write(name string, content map[string]any) {
	check(os.MkdirAll(out, 0o755))
	var text strings.Builder
	text.WriteString("{\n")
	keys := make([]string, 0, len(content))
	for key := range content {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for index, key := range keys {
		fmt.Fprintf(&text, "%q: ", key)
		if cases, ok := content[key].([]result); ok {
			text.WriteString("[\n")
			for at, each := range cases {
				text.WriteString(marshal(each))
				if at < len(cases)-1 {
					text.WriteString(",")
				}
				text.WriteString("\n")
			}
			text.WriteString("]")
		} else {
			text.WriteString(marshal(content[key]))
		}
		if index < len(keys)-1 {
			text.WriteString(",")
		}
		text.WriteString("\n")
	}
	text.WriteString("}\n")
	check(os.WriteFile(filepath.Join(out, name), []byte(text.String()), 0o644))
}

func marshal(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	return strings.TrimRight(text.String(), "\n")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	time.Local = time.UTC
	if len(os.Args) == 2 && os.Args[1] == "oracle" {
		serve()
		return
	}
	writeExpr()
	writeWhen()
	writePrintf()
	writeJSONPath()
}
