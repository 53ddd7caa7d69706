package main

import (
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

type getCase struct {
	Document int     `json:"document"`
	Path     string  `json:"path"`
	Exists   bool    `json:"exists"`
	Type     string  `json:"type"`
	Raw      string  `json:"raw"`
	Text     string  `json:"text"`
	Number   float64 `json:"number"`
	Bool     bool    `json:"bool"`
}

type setCase struct {
	Document int    `json:"document"`
	Path     string `json:"path"`
	Value    any    `json:"value"`
	Raw      bool   `json:"isRaw"`
	Result   string `json:"result"`
	Error    string `json:"error,omitempty"`
}

type gjsonFixtures struct {
	Documents []string  `json:"documents"`
	Get       []getCase `json:"get"`
	Set       []setCase `json:"set"`
}

var documents = []string{
	`{"name": {"first": "Ann", "last":"Bee"}, "age":37, "kids": ["Cy","Di","Ed"], "fav.film":"Up", "peers": [ {"first":"Fay","last":"Gee","age":44,"nets":["ig","fb","tw"]}, {"first":"Hal","last":"Ivy","age":68,"nets":["fb","tw"]}, {"first":"Jan","last":"Bee","age":47,"nets":["ig","tw"]} ], "on": true, "off":false, "none": null, "pi": 3.140, "big": 1e30, "neg": -0.5, "text": "a\"b\\c\u00e9\n", "num": "12", "bool": "TRUE"}`,
	`{"a":{"b":{"c":[1,2.50,"x",null,true,{"d":[[1,2],[3,4]]}]}},"a*":1,"a?b":2,"k-1":{"@this":5,"#":6},"":7,"x|y":8,"back\\slash":9, "12":{"3":"four"}}`,
	`[ 1, "two", {"three":3, "list":[{"v":1,"w":"p"},{"v":2,"w":"q"},{"v":"2"},{"v":null},{"w":false},{"v":true},{"v":0}]}, [4,[5,[6]]], null ]`,
	"{\"l\":[]}\n{\"l\":[1]}\n[7,8]\n\"s\"\n9",
	`{"vals":[{"n":"x","v":"1"},{"n":"y","v":"9"},{"n":"x","v":"2"},{"n":"xyz","v":null}],"grp":{"id":["1","2","3"],"val":[1,2]},"objs":[{"a":1,"b":2},{"a":3,"c":4}],"nest":[1,[2,[3,[4]]],[]],"s":"{\"in\":[1,{\"z\":2}]}","mixed":[{"a":[{"b":1},{"b":2}]},{"a":[{"b":3}]},{"a":5}]}`,
	`{}`, `[]`, `"str"`, `12.0`, `null`, ``, `  {"a" : { "b":1 } , "c" : [ ] }  `,
}

// The document that holds lines of JSON.
const jsonLines = 3

var getPaths = []string{
	"name", "name.first", "name.last", "age", "kids", "kids.#", "kids.0", "kids.1", "kids.9", "kids.-1",
	"ki*", "ki?s", "*ids.0", "name.*", "name.f*t", "fav\\.film", "fav.film", "peers.#", "peers.#.age",
	"peers.#.first", "peers.1", "peers.1.last", "peers.#(last==\"Bee\").first", "peers.#(last==\"Bee\")#.first",
	"peers.#(age>45)#.last", "peers.#(age>=47)#", "peers.#(age<45).first", "peers.#(first%\"H*\").last",
	"peers.#(first!%\"H*\")#.last", "peers.#(nets.#(==\"fb\"))#.first", "peers.#(nets.#(==\"ig\")).nets",
	"peers.#(age!=44)#.age", "peers.#(nope)#", "peers.#(nope)", "peers.#(age)#.age", "peers.#(last==Bee)#.first",
	"peers.#(nope=1).x", "peers.#(age==44).nets.#", "peers.#.nets", "peers.#.nets.#", "peers.#.nets.0", "peers.#.nets|0", "peers.#.nets|#",
	"peers.#(last=\"Bee\")|first", "peers.#(age>40)#|#", "peers.#(age>40)#|0.first", "peers|0", "peers|0|first", "peers.0|nets|1",
	"on", "off", "none", "none.x", "pi", "big", "neg", "text", "num", "bool", "missing", "missing.x", "name.first.x",
	"[name.first,age]", "{name.first,age}", "{\"n\":name.first,a:age,zz}", "[peers.#.age,kids]", "[name.first,,age]", "{x:peers.#(age>45)#.last}",
	"name.[first,last]", "name.{first,last}", "peers.#.[first,age]", "peers.#.{first,n:nets.#}", "peers.0.[first,nets.0]|1", "[name.last,peers.#(last==\"Bee\").first].1",
	"@this", "@this.name", "@this|age", "@keys", "name|@keys", "name.@keys", "name.@values", "kids|@reverse", "kids.@reverse.0", "peers.@reverse.#.first",
	"@valid", "name.@tostr", "name|@tostr|@fromstr", "name|@ugly", "name|@pretty", "@pretty", "peers.0|@pretty:{\"indent\":\"\\t\",\"sortKeys\":true}", "@ugly", "kids.@join", "peers|@join", "peers.@join.first",
	"@nope", "kids.@nope", "!\"lit\"", "[name.first,!\"lit\",!12,!true]", "{a:!{\"z\":1}}", "peers.#(age>45)#.@this.#", "peers.#.first.@reverse", "peers.#.first|@reverse",
	"a.b.c", "a.b.c.#", "a.b.c.1", "a.b.c.5.d.1.0", "a.b.c.5.d.#.0", "a.b.c.5.d.#.#", "a\\*", "a\\?b", "a*", "k-1.@this", "k-1.\\@this", "k-1.#", "k-1.\\#", "x\\|y", "back\\\\slash", "12.3", "\\12.3", "", ".", "a.", ".a", "a..b", "a.b.c.#(>1)", "a.b.c.#(>1)#", "a.b.c.#(==\"x\")", "a.b.c.#(~null)#", "a.b.c.#(~true)#", "a.b.c.#(~false)#", "a.b.c.#(!=2.5)#",
	"0", "1", "2", "2.three", "2.list.#(v=2)#", "2.list.#(v==\"2\")#", "2.list.#(v==~true)#", "2.list.#(v==~false)#", "2.list.#(v==~null)#", "2.list.#(v==~*)#", "2.list.#(v!=~*)#", "2.list.#(v==null)#", "2.list.#(v>0)#.v", "2.list.#(w%\"*\")#.w", "2.list.#.v", "2.list.#.w", "#", "#.three", "3.1.1.0", "3.1|1", "3|@flatten", "3|@flatten:{\"deep\":true}", "#(>0)", "#(==\"two\")", "4", "5", "2.list.#(v==true)#", "2.list.#(w==false)#", "2.list.#(v<=2)#.v", "2.list.#(v<\"3\")#.v",
	"..#", "..0", "..1.l.0", "..#.l", "..2.1", "..3", "..4", "..0.l|@this", "..#(l.#>0)#",
	"vals.#(n==\"x\")#.v", "vals.#(n==\"x\").v", "vals.#(n%\"x*\")#.v", "vals.#.v", "vals.#(v!=\"1\")#.n", "grp|@group", "grp.@group.0.val", "objs.@join", "objs.@join:{\"preserve\":true}", "nest.@flatten", "nest.@flatten:{\"deep\":true}", "s.@fromstr.in.1.z", "s|@fromstr|in.#", "s.@fromstr|@keys", "mixed.#.a.#.b", "mixed.#.a.#(b>1)#.b", "mixed.#(a.#(b==3)).a.0.b", "mixed.#.a|@flatten", "@dig:b", "@dig:a", "mixed.@dig:b", "objs.#.a.@this", "objs.#.{a,b}", "objs.#(a==3)|c", "objs.#(a==3).c|@tostr", "vals.#(n==\"x\")#|@reverse|0.v", "vals.#(n==\"x\")#.v|0", "vals.#.n|#", "vals.#[n==\"x\"]#.v", "vals.#(n==\"x\"", "vals.#(", "vals.#()#", "vals.#(n ==  \"x\" )#.v", "[vals.0.n,vals.#(n==\"y\").v,nope]", "{\"q\":vals.#}", "{grp.id.0,grp.val}", "{a.b,c}", "c.#", "c|@values", "@values", "@reverse", "@flatten", "@group", "vals|@keys", "vals.0|@values|0",
}

var setPaths = []string{
	"name", "name.first", "name.middle", "age", "kids.0", "kids.-1", "kids.5", "kids.x", "peers.1.nets.0", "peers.#.age", "peers.#(last==\"Bee\").first", "peers.#(last==\"Bee\")#.age", "ki*", "new", "new.deep.0.x", "new.-1", "new.2", "fav\\.film", "new\\.dot.a", "on", "none", ":1", "new.:1.a", "a.b.c.1", "a.b.c.5.d.1.0", "a.b.c.-1", "0", "2.three", "7", "-1", "x", "\u00e9", "a\"b", "text", "l", "c.0", "c.-1.y", "a.b", "a.b.c", "", "@this", "name.@keys", "nope.#.x", "a.#", "s", "big.x", "off.0", "back\\\\slash", "12.3",
}

func gjsonCases() any {
	fixtures := gjsonFixtures{Documents: documents}
	types := map[gjson.Type]string{gjson.Null: "null", gjson.False: "false", gjson.True: "true", gjson.Number: "number", gjson.String: "string", gjson.JSON: "json"}
	for index, document := range documents {
		for _, path := range getPaths {
			// Lines of JSON are no JSON: only the paths made for them have a meaning.
			if index == jsonLines && !strings.HasPrefix(path, "..") {
				continue
			}
			found := gjson.Get(document, path)
			if !found.Exists() && index > 4 && len(path) > 6 {
				continue
			}
			fixtures.Get = append(fixtures.Get, getCase{index, path, found.Exists(), types[found.Type], found.Raw, found.String(), found.Float(), found.Bool()})
		}
		values := []struct {
			value any
			raw   bool
		}{{"t\"é<", false}, {"plain", false}, {`[1, {"k":2}]`, true}, {nil, false}, {12.5, false}, {true, false}}
		for position, path := range setPaths {
			one := values[(position+index)%len(values)]
			var result string
			var err error
			if one.raw {
				result, err = sjson.SetRaw(document, path, one.value.(string))
			} else {
				result, err = sjson.Set(document, path, one.value)
			}
			c := setCase{Document: index, Path: path, Value: one.value, Raw: one.raw, Result: result}
			if err != nil {
				c.Error = err.Error()
			}
			fixtures.Set = append(fixtures.Set, c)
		}
	}
	return fixtures
}
