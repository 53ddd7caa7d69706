module argosy/go-oracle

go 1.24
