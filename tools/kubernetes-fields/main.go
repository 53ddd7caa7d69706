// Writes libs/model/src/parse/schema/kubernetes-*-tables.ts: the fields of Kubernetes' own objects
// that a workflow holds, as Kubernetes' Go types declare them. Run from this folder: go run .
// With `fixtures` it writes libs/lang/fixtures/kubernetes.json: what Kubernetes' label selectors and
// JSONPath templates give. With `oracle` it answers single questions about them (npm run fuzz).
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

const out = "../../libs/model/src/parse/schema"

// group is one file: the types reached from its roots that no earlier group holds.
type group struct {
	name, doc string
	roots     []any
}

var groups = []group{
	{"meta", "Kubernetes' metadata of objects, selectors and references.", []any{
		metav1.ObjectMeta{}, metav1.LabelSelector{}, corev1.ObjectReference{}, corev1.LocalObjectReference{},
		policyv1.PodDisruptionBudgetSpec{},
	}},
	{"container", "Kubernetes' containers and what they are made of.", []any{corev1.Container{}}},
	{"pod", "What Kubernetes knows of a pod beside its containers and volumes.", []any{
		corev1.Affinity{}, corev1.Toleration{}, corev1.HostAlias{}, corev1.PodDNSConfig{},
		corev1.PodSecurityContext{}, corev1.PodResourceClaim{},
	}},
	{"volume", "Kubernetes' volumes and claims.", []any{corev1.PersistentVolumeClaim{}, corev1.Volume{}}},
}

var plain = map[reflect.Type]string{
	reflect.TypeOf(resource.Quantity{}):         "quantity",
	reflect.TypeOf(intstr.IntOrString{}):        "intOrText",
	reflect.TypeOf(metav1.Time{}):               "time",
	reflect.TypeOf(metav1.MicroTime{}):          "time",
	reflect.TypeOf(metav1.FieldsV1{}):           "object",
	reflect.TypeOf(metav1.ManagedFieldsEntry{}): "object",
}

// The name of a container is given by whoever runs the template.
var optional = map[string]bool{"Container.name": true}

type field struct{ name, kind string }

var tables = map[string][]field{}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "fixtures" {
		writeFixtures()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "oracle" {
		serve()
		return
	}
	for _, g := range groups {
		before := map[string]bool{}
		for name := range tables {
			before[name] = true
		}
		for _, root := range g.roots {
			collect(reflect.TypeOf(root))
		}
		var fresh []string
		for name := range tables {
			if !before[name] {
				fresh = append(fresh, name)
			}
		}
		sort.Strings(fresh)
		write(g, fresh)
	}
}

func collect(t reflect.Type) {
	if _, known := tables[t.Name()]; known {
		return
	}
	tables[t.Name()] = nil
	tables[t.Name()] = fieldsOf(t, t.Name())
}

func fieldsOf(t reflect.Type, owner string) []field {
	var all []field
	for index := 0; index < t.NumField(); index++ {
		f := t.Field(index)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" {
			continue
		}
		if tag == "" {
			all = append(all, fieldsOf(deref(f.Type), owner)...)
			continue
		}
		kind := kindOf(f.Type)
		isOptional := strings.Contains(options, "omit") || f.Type.Kind() == reflect.Pointer
		if !isOptional && !optional[owner+"."+tag] {
			kind += "!"
		}
		all = append(all, field{tag, kind})
	}
	return all
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func kindOf(given reflect.Type) string {
	t := deref(given)
	if name, ok := plain[t]; ok {
		return name
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "text"
		}
		return "[" + kindOf(t.Elem()) + "]"
	case reflect.Map:
		return "{" + kindOf(t.Elem()) + "}"
	case reflect.Struct:
		collect(t)
		return t.Name()
	}
	panic(fmt.Sprintf("no notation for %s", t))
}

func write(g group, names []string) {
	var text strings.Builder
	text.WriteString("// Written by tools/kubernetes-fields from Kubernetes' Go types; not edited by hand.\n")
	text.WriteString("import type { FieldTable } from './field-type.ts';\n\n")
	fmt.Fprintf(&text, "/** %s */\n", g.doc)
	fmt.Fprintf(&text, "export const kubernetes%sTables: Readonly<Record<string, FieldTable>> = {\n",
		strings.ToUpper(g.name[:1])+g.name[1:])
	for _, name := range names {
		fmt.Fprintf(&text, "  %s: {\n", name)
		for _, f := range tables[name] {
			fmt.Fprintf(&text, "    %s: '%s',\n", f.name, f.kind)
		}
		text.WriteString("  },\n")
	}
	text.WriteString("};\n")
	path := filepath.Join(out, "kubernetes-"+g.name+"-tables.ts")
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		panic(err)
	}
	fmt.Println(path, len(names))
}
