package arena

// takePickups gives what lies there to the players on it who can use it, the
// lowest seat first.
func (s *stage) takePickups() {
	for i := s.players.Next(-1); i >= 0; i = s.players.Next(i) {
		if s.hp[i] <= 0 {
			continue
		}
		x, y := s.x[i], s.y[i]
		for cy := (y - PickupReach) >> 7; cy <= (y+PickupReach)>>7; cy++ {
			for cx := (x - PickupReach) >> 7; cx <= (x+PickupReach)>>7; cx++ {
				if !s.m.Solid(cx, cy) {
					s.tryPickup(i, int(s.m.pickupAt[cy*s.m.Width+cx]))
				}
			}
		}
	}
}

// tryPickup gives a pickup to a player who is on it, if it is there and of use.
// Slot -1 is none.
func (s *stage) tryPickup(i, slot int) {
	if slot < 0 {
		return
	}
	back, place := s.pickups.Col(PickupBack), s.m.Pickups[slot]
	dx, dy := place.X-s.x[i], place.Y-s.y[i]
	if s.now < back[slot] || dx*dx+dy*dy >= PickupReach*PickupReach || !s.take(i, place.Kind) {
		return
	}
	back[slot] = s.now + backAfter[place.Kind]*s.pace.Second
	s.w.Emit(EventPickup, int32(i), int32(slot))
}

// take gives a player what a pickup holds, if that is of use.
func (s *stage) take(i int, kind int32) bool {
	switch kind {
	case KindHealth:
		return raiseTo(&s.hp[i], HealthPack, FullHealth)
	case KindAmmo:
		return raiseTo(&s.ammo[i], AmmoBox, MaxAmmo)
	default:
		return raiseTo(&s.hp[i], MegaHealth, MaxHealth)
	}
}

// raiseTo adds to a value up to a bound, and reports whether that changed it.
func raiseTo(v *int32, by, bound int32) bool {
	if *v >= bound {
		return false
	}
	*v = min(*v+by, bound)
	return true
}
