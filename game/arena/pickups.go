package arena

// takePickups gives each pickup that is there to a player on it who can use
// it, the lowest seat first.
func (s *stage) takePickups() {
	back := s.pickups.Col(PickupBack)
	for slot, place := range s.m.Pickups {
		if s.now < back[slot] {
			continue
		}
		for i := s.players.Next(-1); i >= 0; i = s.players.Next(i) {
			if s.hp[i] > 0 && touches(place.Point, s.x[i], s.y[i]) && s.take(i, place.Kind) {
				back[slot] = s.now + backAfter[place.Kind]*s.pace.Second
				s.w.Emit(EventPickup, int32(i), int32(slot))
				break
			}
		}
	}
}

func touches(p Point, x, y int32) bool {
	dx, dy := p.X-x, p.Y-y
	return abs(dx) < PickupReach && abs(dy) < PickupReach && dx*dx+dy*dy < PickupReach*PickupReach
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
