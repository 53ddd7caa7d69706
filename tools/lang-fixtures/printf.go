package main

import (
	"fmt"
	"strings"
)

func writePrintf() {
	flags := []string{"", "-", "+", "0", " ", "#", "+0", "#0", "-#"}
	sizes := []string{"", "1", "8", "08", ".3", "10.4", ".0"}
	verbs := "dvsqxXobcUteEfgGT%z"
	values := []any{0, 7, -42, 255, 65, "go", "ü", "", 1.5, -0.25, 1e21, 123456789.0, true}
	var cases []result
	for at, value := range values {
		for v, verb := range verbs {
			for f, flag := range flags {
				for s, size := range sizes {
					if (at+v+f*2+s*3)%4 != 0 {
						continue
					}
					// Not compared: ASCII-only quoting, and floats in binary, hexadecimal or alternate form.
					_, isFloat := value.(float64)
					if (strings.Contains(flag, "+") && verb == 'q') || (isFloat && (strings.Contains(flag, "#") || strings.ContainsRune("xXb", verb))) {
						continue
					}
					format := "<%" + flag + size + string(verb) + ">"
					cases = append(cases, result{Source: format, Value: []any{encode(value), fmt.Sprintf(format, value)}})
				}
			}
		}
	}
	for _, format := range []string{"plain", "%d and %d", "%", "100%%", "testuser%02X", "%d%%", "%5d|%-5d|"} {
		cases = append(cases, result{Source: format, Value: []any{encode(10), fmt.Sprintf(format, 10)}})
	}
	write("printf.json", map[string]any{"cases": cases})
	fmt.Println("printf", len(cases))
}
