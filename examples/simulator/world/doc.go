// Package world is a small town to predict collisions in: a grid of streets with
// traffic lights, and vehicles, cyclists and pedestrians who mostly heed them.
//
// [New] makes a world from its [Config], [World.Step] lets time pass in it, and
// [World.Predict] tells who is about to collide, in the words of package den. A
// world reads no clock and starts nothing: the same configuration and the same steps
// give the same arrays, on every machine of one kind.
//
// # What it does not do
//
// It is no traffic simulation to learn about traffic from. Turns are corners, nobody
// overtakes, and those who would collide brake at the last moment or pass through each
// other. It is made to give the DEN service something to do.
//
// # Concurrency
//
// A World must be used by one goroutine at a time.
package world
