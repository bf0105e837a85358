package den

import "container/heap"

// receivedEvent is an event of another station.
type receivedEvent struct {
	id     ActionID
	latest *DENM
	until  Timestamp // then it leaves the table
	place  int       // in endings
}

// endings are events; the one that leaves the table first is the first.
type endings []*receivedEvent

func (e *endings) add(event *receivedEvent) { heap.Push(e, event) }

func (e *endings) remove(event *receivedEvent) { heap.Remove(e, event.place) }

func (e *endings) removeFirst() *receivedEvent { return heap.Pop(e).(*receivedEvent) }

// Len, Less, Swap, Push and Pop implement heap.Interface.

func (e endings) Len() int           { return len(e) }
func (e endings) Less(i, j int) bool { return e[i].until < e[j].until }

func (e endings) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].place, e[j].place = i, j
}

func (e *endings) Push(event any) {
	event.(*receivedEvent).place = len(*e)
	*e = append(*e, event.(*receivedEvent))
}

func (e *endings) Pop() any {
	last := (*e)[len(*e)-1]
	(*e)[len(*e)-1] = nil
	*e = (*e)[:len(*e)-1]
	return last
}
