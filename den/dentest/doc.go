// Package dentest helps to test what is built on package den.
//
// # Testing a service
//
// [Queue] and [Publisher] are a [den.Subscriber] and a [den.Publisher] in
// memory; [Transport] is both at once, and a [den.Committer], [den.Owner] and
// [den.Replayer]. They record what they get, and they can be told to fail, to
// stall, and to do their work but lose the reply. Transport.Join gives another
// process on the same streams, which stands by or takes over, and Transport.Depose
// ends the ownership of the one that works. [Collisions] and [Negation] make messages. [Bubble] runs a test
// on a fake clock that stands in the years of ITS time.
//
// # Testing an implementation
//
// Whoever writes a [den.Store] or a transport of their own runs [TestStore] or
// [TestTransport] on it. A failure prints the rule that was broken and why the
// rule exists.
//
// # Compatibility
//
// Until version 1 everything may change. From then on exported names stay within
// a major version, while the suites may get stricter where an interface's contract
// always asked for it.
//
// # Concurrency
//
// All methods may be called concurrently. Waiting uses channels and timers only,
// so everything here works inside a testing/synctest bubble.
package dentest
