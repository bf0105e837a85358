package uper

import "math"

// WGS 84: the equatorial radius in m, and the square of the eccentricity.
const (
	radius       = 6378137.0
	eccentricity = 6.69437999014e-3
)

// A place is a position on the WGS 84 ellipsoid: latitude and longitude in
// radians, height in m.
type place struct{ latitude, longitude, height float64 }

// placeOf returns the place at a latitude and longitude in ETSI's unit, 1e-7
// degrees, and a height in m.
func placeOf(latitude, longitude int32, height float64) place {
	const unit = math.Pi / 180 / 1e7
	return place{float64(latitude) * unit, float64(longitude) * unit, height}
}

// A frame is the plane that touches the earth at a place, with x to the east, y to
// the north and z up, in m.
type frame struct {
	at                             vector3
	sinLat, cosLat, sinLon, cosLon float64
}

// vector3 is a point in space, or the way between two, in m.
type vector3 struct{ x, y, z float64 }

func frameAt(origin place) frame {
	f := frame{at: origin.inSpace()}
	f.sinLat, f.cosLat = math.Sincos(origin.latitude)
	f.sinLon, f.cosLon = math.Sincos(origin.longitude)
	return f
}

// inSpace returns the place as a point in space, in the frame whose z axis goes
// through the poles and whose x axis through the prime meridian.
func (p place) inSpace() vector3 {
	sinLat, cosLat := math.Sincos(p.latitude)
	sinLon, cosLon := math.Sincos(p.longitude)
	n := radius / math.Sqrt(1-eccentricity*sinLat*sinLat)
	return vector3{
		(n + p.height) * cosLat * cosLon,
		(n + p.height) * cosLat * sinLon,
		(n*(1-eccentricity) + p.height) * sinLat,
	}
}

// offset returns where a place is in the frame.
func (f *frame) offset(p place) vector3 {
	q := p.inSpace()
	x, y, z := q.x-f.at.x, q.y-f.at.y, q.z-f.at.z
	out := f.cosLon*x + f.sinLon*y // away from the axis of the earth
	return vector3{
		f.cosLon*y - f.sinLon*x,
		f.cosLat*z - f.sinLat*out,
		f.cosLat*out + f.sinLat*z,
	}
}

// placeAt returns the place that is at an offset.
func (f *frame) placeAt(v vector3) place {
	out, z := f.cosLat*v.z-f.sinLat*v.y, f.cosLat*v.y+f.sinLat*v.z
	return vector3{
		f.at.x + f.cosLon*out - f.sinLon*v.x,
		f.at.y + f.sinLon*out + f.cosLon*v.x,
		f.at.z + z,
	}.onEarth()
}

// placeAtHeight returns the place that is at an offset whose z is not known, but
// the height. The plane leaves the ground slowly, so few steps lead there.
func (f *frame) placeAtHeight(x, y, height float64) place {
	v := vector3{x, y, 0}
	p := f.placeAt(v)
	for range 3 {
		v.z -= p.height - height
		p = f.placeAt(v)
	}
	return p
}

// onEarth returns the point as a place, by Bowring's method, which is exact to less
// than a millimeter near the ground.
func (v vector3) onEarth() place {
	polar := radius * math.Sqrt(1-eccentricity)
	axis := math.Hypot(v.x, v.y) // the distance from the axis of the earth
	sinBeta, cosBeta := math.Sincos(math.Atan2(v.z*radius, axis*polar))
	latitude := math.Atan2(
		v.z+eccentricity/(1-eccentricity)*polar*sinBeta*sinBeta*sinBeta,
		axis-eccentricity*radius*cosBeta*cosBeta*cosBeta)
	sinLat, cosLat := math.Sincos(latitude)
	return place{
		latitude:  latitude,
		longitude: math.Atan2(v.y, v.x),
		height:    axis*cosLat + v.z*sinLat - radius*math.Sqrt(1-eccentricity*sinLat*sinLat),
	}
}

// e7 returns radians in 1e-7 degrees, to the nearest.
func e7(radians float64) int32 { return int32(math.Round(radians * (180 / math.Pi * 1e7))) }
