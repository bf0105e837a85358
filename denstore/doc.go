// Package denstore holds the open events of a DEN service in memory.
//
// [DenStore] is the [den.Store] that services use. It keeps one record for each
// pair of road users on collision course, in three indexes: by pair, to tell an
// update from a new event; by action id, to find what a negation is about; and
// by time, to find what has waited too long for an update. Finding is O(1) in
// the first two, and so is an update: the order of time is brought up to date when somebody
// asks for it, with one step of O(log n) for each record that was updated since, however
// often. To open a record and to remove one is O(log n).
//
// # Sequence numbers
//
// An action id is our station id and a sequence number, 0..65535. New events
// take the numbers in turn, wrap after 65535 and skip numbers in use. When all
// of them are in use, a new event is refused with [den.ErrSequenceExhausted] and
// all that is open goes on. This also bounds the memory of the store: 65 536
// records of about 400 bytes, the DENM included.
//
// # After a crash
//
// The store does not outlive its process. [DenStore.Restore] fills it with records
// that another store held before, which a service finds out from what it published;
// it also says which sequence number is tried next, so that the numbers go on
// where they were.
//
// # Time
//
// The store has no clock and starts no goroutine. Methods are given the time, so
// a test or a simulation can choose it.
//
// # Concurrency
//
// All methods may be called concurrently. [DenStore.All] iterates over a
// snapshot.
//
// # Compatibility
//
// Until version 1 everything may change; from then on exported names stay within
// a major version.
//
// # What it does not do
//
// The store does not write anything to disk and does not publish anything.
package denstore
