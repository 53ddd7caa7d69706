module argosy/lang-fixtures

go 1.24

require (
	github.com/Knetic/govaluate v3.0.1-0.20171022003610-9aa49832a739+incompatible
	github.com/evilmonkeyinc/jsonpath v0.8.1
	github.com/expr-lang/expr v1.17.8
)

require argosy/go-oracle v0.0.0

replace argosy/go-oracle => ../go-oracle
