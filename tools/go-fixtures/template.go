package main

func templateCases() any { return nil }
