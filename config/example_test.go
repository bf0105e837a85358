package config_test

import (
	"errors"
	"fmt"

	"github.com/step-its/producer/config"
)

func ExampleParse() {
	c, _, err := config.Parse([]byte(`{
		"templateVersion": "1",
		"instanceName": "step_producer_1",
		"stationId": 3000001,
		"timeAfterCollision": 0,
		"redis": {
			"streams": {
				"inputs": [{"streamId": "step_producer", "groupId": "step_producer_group"}],
				"outputs": [{"streamId": "step_client", "groupId": "step_client_group"}]
			}
		}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("given:  ", c.StationID, c.TimeAfterCollision.Duration())
	fmt.Println("default:", c.Redis.Connection.Port, c.DENMLastUpdateMaxDelay.Duration())
	// Output:
	// given:   3000001 0s
	// default: 6379 1s
}

func ExampleError() {
	_, _, err := config.Parse([]byte(`{
		"templateVersion": "1",
		"instanceName": "step_producer_1",
		"denmLastUpdateMaxDelayy": 1000,
		"redis": {
			"connection": {"port": 70000},
			"streams": {
				"inputs": [{"streamId": "step_producer", "groupId": "step_producer_group"}],
				"outputs": [{"streamId": "step_producer", "groupId": "step_client_group"}]
			}
		}
	}`))
	if e, ok := errors.AsType[*config.Error](err); ok {
		for _, p := range e.Problems {
			fmt.Println(p)
		}
	}
	// Output:
	// stationId: missing
	// denmLastUpdateMaxDelayy: unknown key; did you mean denmLastUpdateMaxDelay?
	// redis.connection.port: must be <= 65535 but found 70000
	// redis.streams.outputs[0].streamId: "step_producer" is also inputs[0]: the producer would read its own DENMs
}
