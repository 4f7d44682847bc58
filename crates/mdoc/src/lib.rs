//! ISO/IEC 18013-5 mobile documents: structures, security object, device response, session transcripts.
