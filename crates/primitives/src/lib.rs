//! What every room shares: bounded collections, claim paths, localised text, instants and civil dates, and the ports to the world.
