//! The desktop shell: windows, commands, links, notifications, capabilities; no decisions.
