package uper

import "github.com/step-its/producer/den"

// StationaryVehicle is the StationaryVehicleContainer (EN 302 637-3).
type StationaryVehicle struct {
	// StationarySince is less than 1 minute (0), 2 minutes (1), 15 minutes (2), or
	// longer (3).
	StationarySince        den.Optional[uint8]
	StationaryCause        den.Optional[CauseCode]
	CarryingDangerousGoods *DangerousGoods
	NumberOfOccupants      den.Optional[uint8] // 0..127; 127 unavailable
	VehicleIdentification  *VehicleIdentification
	EnergyStorageType      den.Optional[EnergyStorageType]
}

// DangerousGoods is DangerousGoodsExtended (TS 102 894-2).
type DangerousGoods struct {
	// DangerousGoodsType is the ADR class, 0..19: 0..5 explosives of division 1.1
	// to 1.6, 6 flammable gases, 7 non flammable gases, 8 toxic gases, 9 flammable
	// liquids, 10 flammable solids, 11 self-igniting, 12 flammable gases when wet,
	// 13 oxidizing, 14 organic peroxides, 15 toxic, 16 infectious, 17 radioactive,
	// 18 corrosive, 19 others.
	DangerousGoodsType  uint8
	UNNumber            uint16 // 0..9999
	ElevatedTemperature bool
	TunnelsRestricted   bool
	LimitedQuantity     bool
	EmergencyActionCode den.Optional[string] // 1..24 characters of ASCII
	// PhoneNumber is 1..16 digits and spaces; in protocol version 1, 1..24
	// characters of ASCII.
	PhoneNumber den.Optional[string]
	CompanyName den.Optional[string] // 1..24 characters
}

// VehicleIdentification is a part of the vehicle identification number
// (TS 102 894-2).
type VehicleIdentification struct {
	WMINumber den.Optional[string] // the manufacturer, 1..3 characters of ASCII
	VDS       den.Optional[string] // the vehicle descriptor section, 6 characters of ASCII
}

// EnergyStorageType is a set of kinds of energy that a vehicle stores
// (TS 102 894-2).
type EnergyStorageType uint8

// The members of EnergyStorageType.
const (
	Ammonia               EnergyStorageType = 1 << 0
	Gasoline              EnergyStorageType = 1 << 1
	Diesel                EnergyStorageType = 1 << 2
	CompressedNaturalGas  EnergyStorageType = 1 << 3
	LiquidPropaneGas      EnergyStorageType = 1 << 4
	ElectricEnergyStorage EnergyStorageType = 1 << 5
	HydrogenStorage       EnergyStorageType = 1 << 6
)

var (
	spanStationarySince     = newSpan("stationarySince", "StationarySince", 0, 3)
	spanDangerousGoodsType  = newSpan("dangerousGoodsType", "DangerousGoodsBasic", 0, 19)
	spanUNNumber            = newSpan("unNumber", "DangerousGoodsExtended", 0, 9999)
	spanEmergencyActionCode = newSpan("emergencyActionCode", "DangerousGoodsExtended", 1, 24)
	spanPhoneNumber         = newSpan("phoneNumber", "PhoneNumber", 1, 16)
	spanPhoneNumber1        = newSpan("phoneNumber", "DangerousGoodsExtended", 1, 24)
	spanCompanyName         = newSpan("companyName", "DangerousGoodsExtended", 1, 24)
	spanNumberOfOccupants   = newSpan("numberOfOccupants", "NumberOfOccupants", 0, 127)
	spanWMINumber           = newSpan("wMInumber", "WMInumber", 1, 3)
	spanVDS                 = newSpan("vDS", "VDS", 6, 6)
	spanEnergyStorageType   = newSpan("energyStorageType", "EnergyStorageType", 0, 127)
)

func (c *coder) stationaryVehicle(v *StationaryVehicle) {
	c.enter("stationaryVehicle")
	defer c.leave()
	c.flag(&v.StationarySince.Valid)
	c.flag(&v.StationaryCause.Valid)
	hasGoods := c.present(v.CarryingDangerousGoods != nil)
	c.flag(&v.NumberOfOccupants.Valid)
	hasIdentification := c.present(v.VehicleIdentification != nil)
	c.flag(&v.EnergyStorageType.Valid)

	if v.StationarySince.Valid {
		number(c, &v.StationarySince.Value, spanStationarySince)
	}
	if v.StationaryCause.Valid {
		c.causeCode("stationaryCause", &v.StationaryCause.Value)
	}
	if hasGoods {
		c.dangerousGoods(made(&v.CarryingDangerousGoods))
	}
	if v.NumberOfOccupants.Valid {
		number(c, &v.NumberOfOccupants.Value, spanNumberOfOccupants)
	}
	if hasIdentification {
		c.vehicleIdentification(made(&v.VehicleIdentification))
	}
	if v.EnergyStorageType.Valid {
		number(c, &v.EnergyStorageType.Value, spanEnergyStorageType)
	}
}

func (c *coder) dangerousGoods(g *DangerousGoods) {
	c.enter("carryingDangerousGoods")
	defer c.leave()
	extended := false
	if !c.version1 {
		extended = c.extended(false)
	}
	c.flag(&g.EmergencyActionCode.Valid)
	c.flag(&g.PhoneNumber.Valid)
	c.flag(&g.CompanyName.Valid)

	number(c, &g.DangerousGoodsType, spanDangerousGoodsType)
	number(c, &g.UNNumber, spanUNNumber)
	c.flag(&g.ElevatedTemperature)
	c.flag(&g.TunnelsRestricted)
	c.flag(&g.LimitedQuantity)
	if g.EmergencyActionCode.Valid {
		c.text(&g.EmergencyActionCode.Value, spanEmergencyActionCode, ia5)
	}
	if g.PhoneNumber.Valid {
		if c.version1 {
			c.text(&g.PhoneNumber.Value, spanPhoneNumber1, ia5)
		} else {
			c.text(&g.PhoneNumber.Value, spanPhoneNumber, numeric)
		}
	}
	if g.CompanyName.Valid {
		c.utf8(&g.CompanyName.Value, spanCompanyName)
	}
	c.noAdditions(extended, SkippedStationaryVehicle)
}

func (c *coder) vehicleIdentification(v *VehicleIdentification) {
	c.enter("vehicleIdentification")
	defer c.leave()
	extended := c.extended(false)
	c.flag(&v.WMINumber.Valid)
	c.flag(&v.VDS.Valid)

	if v.WMINumber.Valid {
		c.text(&v.WMINumber.Value, spanWMINumber, ia5)
	}
	if v.VDS.Valid {
		c.text(&v.VDS.Value, spanVDS, ia5)
	}
	c.noAdditions(extended, SkippedStationaryVehicle)
}
