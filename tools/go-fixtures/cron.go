package main

func cronCases() any { return nil }
