package den

import "testing"

func TestOptional(t *testing.T) {
	some, none := Some[uint16](7), Optional[uint16]{}
	if v, ok := some.Get(); v != 7 || !ok {
		t.Errorf("Get of Some(7) gives %d, %t", v, ok)
	}
	if v, ok := none.Get(); v != 0 || ok {
		t.Errorf("Get of nothing gives %d, %t", v, ok)
	}
	if some.Or(3) != 7 || none.Or(3) != 3 {
		t.Errorf("Or gives %d and %d", some.Or(3), none.Or(3))
	}
	if some.String() != "7" || none.String() != "null" || Some(IsNegation).String() != "isNegation" {
		t.Errorf("String gives %s, %s and %s", some, none, Some(IsNegation))
	}
	if some != Some[uint16](7) || some == none {
		t.Error("optionals of equal values are not equal")
	}
}
