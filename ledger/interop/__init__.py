"""Files of other systems: outlines of plots as GeoJSON."""
