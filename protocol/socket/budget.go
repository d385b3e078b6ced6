package socket

import "time"

// A budget limits something per second and lets a stall be made up for: it is
// the time at which all that was spent will have been earned again.
type budget time.Duration

// spend takes n units that cost price each at time now. It reports whether
// the debt stays within burst.
func (b *budget) spend(now time.Duration, n int, price, burst time.Duration) bool {
	*b = max(*b, budget(now)) + budget(n)*budget(price)
	return time.Duration(*b)-now <= burst
}
