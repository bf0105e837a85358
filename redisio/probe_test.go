package redisio_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/rueidis"

	"github.com/step-its/producer/den"
	"github.com/step-its/producer/redisio"
)

// probe is a connection of its own to the server, to play the neighbours of the
// producer and to look at what it did.
type probe struct {
	t testing.TB
	rueidis.Client
	real bool   // not miniredis
	tag  string // before the names of the streams
}

func openProbe(t testing.TB, o redisio.Options) probe {
	t.Helper()
	option := rueidis.ClientOption{
		InitAddress: []string{o.Address}, SelectDB: o.DB, AlwaysRESP2: o.RESP2, TLSConfig: o.TLS,
		Username: o.Username, Password: o.Password,
		DisableCache: true, ForceSingleClient: true,
	}
	tag := ""
	if len(o.Cluster) > 0 {
		option.InitAddress, option.ForceSingleClient, tag = o.Cluster, false, clusterTag
	}
	client, err := rueidis.NewClient(option)
	if client == nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return probe{t, client, !o.RESP2, tag}
}

// clusterTag stands before the names of the streams where the server is a cluster.
const clusterTag = "{north}"

// named returns the words with the names of the streams as they are on the server.
func (p probe) named(words []string) []string {
	words = slices.Clone(words)
	for i, word := range words {
		switch word {
		case "collisions", "negations", "denms", "dead":
			words[i] = p.tag + word
		}
	}
	return words
}

// try sends a command.
func (p probe) try(words ...string) (rueidis.RedisMessage, error) {
	command := p.B().Arbitrary(p.named(words)...).Build()
	if p.tag != "" {
		command = command.SetSlot(p.tag) // so that the right node is asked
	}
	answer, err := p.Do(context.Background(), command).ToMessage()
	if rueidis.IsRedisNil(err) {
		err = nil
	}
	return answer, err
}

// do sends a command that must succeed.
func (p probe) do(words ...string) rueidis.RedisMessage {
	p.t.Helper()
	answer, err := p.try(words...)
	if err != nil {
		p.t.Fatalf("%.200q: %v", words, err)
	}
	return answer
}

// send adds messages to a stream.
func (p probe) send(stream string, messages ...[]byte) {
	p.t.Helper()
	for part := range slices.Chunk(messages, 1000) {
		var commands rueidis.Commands
		for _, m := range part {
			commands = append(commands, p.B().Xadd().Key(p.tag+stream).Id("*").FieldValue().FieldValue("message", string(m)).Build())
		}
		for _, answer := range p.DoMulti(context.Background(), commands...) {
			if err := answer.Error(); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

// sendOnceEach adds messages to a stream whatever happens to the connection, each
// of them once and in order: the number of the entry is its id.
func (p probe) sendOnceEach(stream string, messages [][]byte) {
	for i, m := range messages {
		id := strconv.Itoa(i+1) + "-1"
		for {
			_, err := p.try("XADD", stream, id, "message", string(m))
			if err == nil || strings.Contains(err.Error(), "equal or smaller") { // it was added before
				break
			}
		}
	}
}

// entries returns what is in a stream.
func (p probe) entries(stream string) []rueidis.XRangeEntry {
	p.t.Helper()
	answer := p.do("XRANGE", stream, "-", "+")
	entries, err := answer.AsXRange()
	must(p.t, err)
	return entries
}

// published returns the DENMs in an output stream.
func (p probe) published(stream string) []*den.DENM {
	p.t.Helper()
	var denms []*den.DENM
	for _, e := range p.entries(stream) {
		event, err := den.ParseEvent([]byte(e.FieldValues["message"]))
		if err != nil || event.DENM == nil {
			p.t.Fatalf("output %s is no DENM: %v", e.ID, err)
		}
		denms = append(denms, event.DENM)
	}
	return denms
}

// number returns the answer to a command as a number, -1 if there is none.
func (p probe) number(words ...string) int {
	answer, err := p.try(words...)
	if err != nil {
		return -1
	}
	if n, err := answer.AsInt64(); err == nil {
		return int(n)
	}
	return -1
}

// pending returns the number of entries of a stream that are delivered and not
// acknowledged, -1 if it has no group.
func (p probe) pending(stream string) int {
	answer, err := p.try("XPENDING", stream, "producer")
	if err != nil {
		return -1
	}
	summary, err := answer.ToArray()
	must(p.t, err)
	if n, err := summary[0].AsInt64(); err == nil {
		return int(n)
	}
	text, _ := summary[0].ToString() // miniredis sends the number as text
	n, err := strconv.Atoi(text)
	must(p.t, err)
	return n
}

// calls returns how often the server was asked this, by anybody.
func (p probe) calls(command string) (n int) {
	p.t.Helper()
	info := p.do("INFO", "commandstats")
	text, err := info.ToString()
	must(p.t, err)
	if _, stats, ok := strings.Cut(text, "cmdstat_"+command+":calls="); ok {
		number, _, _ := strings.Cut(stats, ",")
		n, err = strconv.Atoi(number)
		must(p.t, err)
	}
	return n
}

// groups returns the groups of a stream and where they stand, such as "client@0".
func (p probe) groups(stream string) string {
	p.t.Helper()
	answer := p.do("XINFO", "GROUPS", stream)
	list, err := answer.ToArray()
	must(p.t, err)
	var groups []string
	for i := range list {
		group, err := list[i].AsMap()
		if err != nil {
			p.t.Fatal(err)
		}
		name, id := group["name"], group["last-delivered-id"]
		nameText, err := name.ToString()
		must(p.t, err)
		idText, err := id.ToString()
		must(p.t, err)
		groups = append(groups, nameText+"@"+strings.TrimSuffix(idText, "-0"))
	}
	return strings.Join(groups, " ")
}

// awaitBlocked waits until a read is blocked, where the server can tell.
func (p probe) awaitBlocked() {
	p.t.Helper()
	if p.real {
		eventually(p.t, "a read is blocked", func() bool {
			info := p.do("INFO", "clients")
			return strings.Contains(info.String(), "blocked_clients:1")
		})
	}
}
