package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/config"
	"github.com/step-its/producer/logging"
)

// demoConfig is what the demonstration works with when no file is given.
func demoConfig() config.Config {
	cfg := config.Default()
	cfg.InstanceName = "demo"
	cfg.StationID = 3000001
	return cfg
}

// demo runs the whole producer on recorded traffic. A player takes the part of
// the crash prediction and writes to the first input stream; a viewer takes the
// part of the client and reads the first output stream. Between them lies
// nothing but the producer.
func demo(ctx context.Context, o options, cfg config.Config, server server, stdout, stderr io.Writer) error {
	log, err := logging.New(logging.Options{
		Handlers: []logging.Handler{logging.Stream{Writer: stderr, Level: slog.LevelWarn}},
	})
	if err != nil {
		return err
	}
	defer log.Close()
	client, err := demoClient(cfg, server)
	if err != nil {
		return err
	}
	defer client.Close()
	viewer, err := newViewer(ctx, client, cfg.Redis.Streams.Outputs[0], stdout)
	if err != nil {
		return ended(ctx, err)
	}
	player, err := newPlayer(client, cfg.Redis.Streams.Inputs[0])
	if err != nil {
		return err
	}

	// Whoever fails first ends the others.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	for _, part := range []func(context.Context) error{
		func(ctx context.Context) error { return work(ctx, o, cfg, server, log) },
		player.run,
		viewer.run,
	} {
		parts.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	parts.Wait()
	viewer.summary()
	return ended(ctx, context.Cause(ctx))
}

// ended returns nil for an end that was asked for.
func ended(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if ctx.Err() != nil {
			return nil
		}
	}
	return err
}

// demoClient is the connection of the player and the viewer. It goes where that of
// the producer goes.
func demoClient(cfg config.Config, server server) (rueidis.Client, error) {
	o := redisOptions(cfg, server)
	option := rueidis.ClientOption{
		InitAddress:  []string{o.Address},
		Username:     o.Username,
		Password:     o.Password,
		SelectDB:     o.DB,
		TLSConfig:    o.TLS,
		AlwaysRESP2:  o.RESP2,
		DisableCache: true,
	}
	switch {
	case o.Sentinel.MasterSet != "":
		option.InitAddress = o.Sentinel.Addresses
		option.Sentinel = rueidis.SentinelOption{
			MasterSet: o.Sentinel.MasterSet, TLSConfig: o.Sentinel.TLS,
			Username: o.Sentinel.Username, Password: o.Sentinel.Password,
		}
	case len(o.Cluster) > 0:
		option.InitAddress = o.Cluster
	default:
		option.ForceSingleClient = true
	}
	client, err := rueidis.NewClient(option)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", server.describe(cfg), err)
	}
	return client, nil
}
