"""Other formats: EPCIS, CITES reports, EUDR."""
