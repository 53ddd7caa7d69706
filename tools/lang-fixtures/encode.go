package main

import (
	"fmt"
	"reflect"
)

// encodeReflected handles typed lists and maps, which the built-ins make.
func encodeReflected(value any) any {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for index := range list {
			list[index] = encode(v.Index(index).Interface())
		}
		return list
	case reflect.Map:
		pairs := []any{}
		iter := v.MapRange()
		for iter.Next() {
			pairs = append(pairs, []any{encode(iter.Key().Interface()), encode(iter.Value().Interface())})
		}
		return map[string]any{"m": pairs}
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	default:
		return map[string]any{"o": fmt.Sprintf("%T", value)}
	}
}
