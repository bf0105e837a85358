package redisio

// LeaseLapsed is what the Subscriber asks before it reads.
func (c *Client) LeaseLapsed() bool { return c.leaseLapsed() }
