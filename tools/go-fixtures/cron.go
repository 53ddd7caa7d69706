package main

import (
	"time"

	"github.com/robfig/cron/v3"
)

type cronCase struct {
	Spec  string   `json:"spec"`
	Zone  string   `json:"zone"`
	Error string   `json:"error,omitempty"`
	After string   `json:"after,omitempty"`
	Next  []string `json:"next,omitempty"`
}

var cronSpecs = []string{
	"* * * * *", "*/5 * * * *", "30 2 * * *", "0 0 * * *", "0 0 1 * *", "0 12 * * MON-FRI", "15,45 */6 * * *",
	"0 0 29 2 *", "0 0 31 * *", "0 0 1-7 * 1", "0 0 ? * 1", "59 23 * * 0", "0 0 13 * 5", "5/15 * * * *", "10-20/3 1,2,3 * jan-mar *",
	"0 3 * * *", "0 1 * * *", "30 1 * * *", "@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@every 90s", "@every 1h30m", "@every 100ms",
	"0 0 30 2 *", "*/7 */5 */3 */2 *", "0 0 */2 * 2", "* 2 * 3,10,11 SUN", "CRON_TZ=Asia/Tokyo 0 9 * * *", "TZ=America/New_York 30 2 * * *", "0 24 * * *",
	"60 * * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * 0 *", "* * * * 7", "H * * * *", "* * L * *", "1-2-3 * * * *", "1/2/3 * * * *", "*/0 * * * *",
	"5-1 * * * *", "* * * *", "* * * * * *", "", "@nope", "@every x", "@every 1d", "a * * * *", "-1 * * * *", "1, * * * *", ", * * * *", "TZ=No/Where * * * * *", "* * * FEB Tue", "* * * * MON#2", "1 2 3 4", "*-5 * * * *", "*/2-5 * * * *", "?/10 * * * *", "7 7 * * mon,WED",
	"0 0 1 1 */2", "0 2 * * */7", "45 23 31 12 *", "30 0 * * *", "15 2-3 * * *",
}

var cronZones = []string{"UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"}

var cronStarts = []string{
	"2026-03-28T20:00:00Z", "2026-10-24T21:30:00Z", "2026-03-07T23:10:00Z", "2026-10-31T23:59:59Z", "2024-02-28T12:00:00Z", "2018-11-03T12:00:00Z", "2026-12-31T23:59:30Z", "2026-04-04T12:00:01Z", "2026-04-23T20:00:00Z",
}

func cronCases() any {
	var cases []cronCase
	for number, spec := range cronSpecs {
		schedule, err := cron.ParseStandard(spec)
		if err != nil {
			cases = append(cases, cronCase{Spec: spec, Zone: "UTC", Error: err.Error()})
			continue
		}
		for index, start := range cronStarts {
			zone := cronZones[(index+number)%len(cronZones)]
			for _, name := range []string{zone, cronZones[(index*3+number*2+1)%len(cronZones)]} {
				location, err := time.LoadLocation(name)
				if err != nil {
					panic(err)
				}
				after, err := time.Parse(time.RFC3339, start)
				if err != nil {
					panic(err)
				}
				one := cronCase{Spec: spec, Zone: name, After: start}
				at := after.In(location)
				for count := 0; count < 4; count++ {
					at = schedule.Next(at)
					if at.IsZero() {
						one.Next = append(one.Next, "never")
						break
					}
					one.Next = append(one.Next, at.UTC().Format(time.RFC3339))
				}
				cases = append(cases, one)
			}
		}
	}
	return cases
}
