//! The preset dictionary `offline-qr/v1`: what presentations and requests have in common. It is part of the format and never changes; a
//! better one is `offline-qr/v2`, with another version in the frame.
//!
//! From the rare to the frequent, since what stands last is at the shortest distance: Korean regions and offices (UTF-8), names of claims,
//! request objects, the header of a JWE, the CBOR of an mdoc, the DER of a certificate, an SD-JWT VC with its key binding. The same bytes
//! stand in `docs/offline-qr/vectors/deflate.json`.

/// The dictionary.
#[rustfmt::skip]
pub const DICTIONARY: &[u8; 3910] = b"\
    \xec\x84\x9c\xec\x9a\xb8\xed\x8a\xb9\xeb\xb3\x84\xec\x8b\x9c\xeb\xb6\x80\xec\x82\xb0\xea\xb4\x91\
    \xec\x97\xad\xec\x8b\x9c\xeb\x8c\x80\xea\xb5\xac\xea\xb4\x91\xec\x97\xad\xec\x8b\x9c\xec\x9d\xb8\
    \xec\xb2\x9c\xea\xb4\x91\xec\x97\xad\xec\x8b\x9c\xea\xb4\x91\xec\xa3\xbc\xea\xb4\x91\xec\x97\xad\
    \xec\x8b\x9c\xeb\x8c\x80\xec\xa0\x84\xea\xb4\x91\xec\x97\xad\xec\x8b\x9c\xec\x9a\xb8\xec\x82\xb0\
    \xea\xb4\x91\xec\x97\xad\xec\x8b\x9c\xec\x84\xb8\xec\xa2\x85\xed\x8a\xb9\xeb\xb3\x84\xec\x9e\x90\
    \xec\xb9\x98\xec\x8b\x9c\xea\xb2\xbd\xea\xb8\xb0\xeb\x8f\x84\xea\xb0\x95\xec\x9b\x90\xed\x8a\xb9\
    \xeb\xb3\x84\xec\x9e\x90\xec\xb9\x98\xeb\x8f\x84\xec\xb6\xa9\xec\xb2\xad\xeb\xb6\x81\xeb\x8f\x84\
    \xec\xb6\xa9\xec\xb2\xad\xeb\x82\xa8\xeb\x8f\x84\xec\xa0\x84\xeb\xb6\x81\xed\x8a\xb9\xeb\xb3\x84\
    \xec\x9e\x90\xec\xb9\x98\xeb\x8f\x84\xec\xa0\x84\xeb\x9d\xbc\xeb\x82\xa8\xeb\x8f\x84\xea\xb2\xbd\
    \xec\x83\x81\xeb\xb6\x81\xeb\x8f\x84\xea\xb2\xbd\xec\x83\x81\xeb\x82\xa8\xeb\x8f\x84\xec\xa0\x9c\
    \xec\xa3\xbc\xed\x8a\xb9\xeb\xb3\x84\xec\x9e\x90\xec\xb9\x98\xeb\x8f\x84\
    \xed\x96\x89\xec\xa0\x95\xec\x95\x88\xec\xa0\x84\xeb\xb6\x80\xec\x9e\xa5\xea\xb4\x80\xea\xb2\xbd\
    \xec\xb0\xb0\xec\xb2\xad\xec\x9e\xa5\xeb\xb3\xb4\xea\xb1\xb4\xeb\xb3\xb5\xec\xa7\x80\xeb\xb6\x80\
    \xea\xb5\xad\xec\x84\xb8\xec\xb2\xad\xea\xb5\xad\xea\xb0\x80\xeb\xb3\xb4\xed\x9b\x88\xeb\xb6\x80\
    \xeb\xb2\x95\xeb\xac\xb4\xeb\xb6\x80\xea\xb5\xad\xeb\xaf\xbc\xea\xb1\xb4\xea\xb0\x95\xeb\xb3\xb4\
    \xed\x97\x98\xea\xb3\xb5\xeb\x8b\xa8\xec\xa3\xbc\xec\x8b\x9d\xed\x9a\x8c\xec\x82\xac\
    \xed\x8a\xb9\xeb\xb3\x84\xec\x8b\x9c \xea\xb0\x95\xeb\x82\xa8\xea\xb5\xac \xec\xa2\x85\xeb\xa1\x9c\
    \xea\xb5\xac \xec\xa4\x91\xea\xb5\xac \xeb\x8f\x99\xea\xb5\xac \xec\x84\x9c\xea\xb5\xac \xeb\x82\
    \xa8\xea\xb5\xac \xeb\xb6\x81\xea\xb5\xac \xec\x95\x84\xed\x8c\x8c\xed\x8a\xb8 \xeb\x8c\x80\xeb\xa1\
    \x9c \xeb\xa1\x9c \xea\xb8\xb8 \xeb\xb2\x88\xec\xa7\x80 \xec\x9d\x8d \xeb\xa9\xb4 \xeb\xa6\xac \xeb\
    \x8f\x99 101\xeb\x8f\x99 \xec\xb8\xb5 \xed\x98\xb8 \xec\x8b\x9c \xea\xb5\xb0 \xea\xb5\xac \
    portrait\"telephone\"nationality\"licenseNumber\"licenseTypes\"aptitudeFrom\"aptitudeTo\"registr\
    ationNumber\"relation\"title\"validTo\"disabilityGrade\"arrears\"basis\"household\"amount\"perio\
    d\"\
    given_name family_name birth_date birthdate issue_date expiry_date issuing_authority issuing_cou\
    ntry document_number age_over_19 age_over_18 resident_address nationality \
    ageOver65\"ageOver14\"phone\"sido\"nameRoman\"ihidnumMasked\"sex\"issueDate\"issuerName\"sigungu\
    \"address\"full\"addressFull\"name\"birth\"ageOver19\"\
    {\"alg\":\"ES256\",\"typ\":\"oauth-authz-req+jwt\",\"x5c\":[\"\
    \"verifier_info\":[{\"format\":\"registrar_dataset\",\"data\":\"\
    \"client_id\":\"x509_san_dns:\
    {\"aud\":\"https://self-issued.me/v2\",\"client_id\":\"x509_hash:\",\"response_type\":\"vp_token\
    \",\"nonce\":\"\",\"response_mode\":\"offline_qr\",\"iat\":1800000000,\"exp\":1800000600,\"dcql_\
    query\":{\"credentials\":[{\"id\":\"q0\",\"format\":\"mso_mdoc\",\"meta\":{\"doctype_value\":\"o\
    rg.iso.18013.5.1.mDL\"},\"claims\":[{\"id\":\"c0\",\"path\":[\"org.iso.18013.5.1\",\"ageOver19\"\
    ],\"values\":[true]}]},{\"id\":\"q1\",\"format\":\"dc+sd-jwt\",\"meta\":{\"vct_values\":[\"urn:e\
    udi:pid:1\"]},\"claims\":[{\"path\":[\"name\"]},{\"path\":[\"birth\"]}]}],\"credential_sets\":[{\
    \"options\":[[\"q0\"],[\"q1\"]],\"required\":true}]},\"client_metadata\":{\"vp_formats_supported\
    \":{\"dc+sd-jwt\":{\"sd-jwt_alg_values\":[\"ES256\"],\"kb-jwt_alg_values\":[\"ES256\"]},\"mso_md\
    oc\":{\"issuerauth_alg_values\":[-7,-9],\"deviceauth_alg_values\":[-7,-9]}},\"jwks\":{\"keys\":[\
    {\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\",\"y\":\"\",\"kid\":\"\",\"alg\":\"ECDH-ES\",\"use\"\
    :\"enc\"}]},\"encrypted_response_enc_values_supported\":[\"A128GCM\",\"A256GCM\"]}}\
    {\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"kid\":\"\",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\
    \"x\":\"\",\"y\":\"\"}}\
    {\"alg\":\"ECDH-ES\",\"enc\":\"A128GCM\",\"kid\":\"X \",\"epk\":{\"kty\":\"EC\",\"crv\":\"P-256\"\
    ,\"x\":\"X g\",\"y\":\"X c\"}}\
    \xa3gversionc1.0idocuments\x81\xa3gdocTypeuorg.iso.18013.5.1.mDLlissuerSigned\xa2jnameSpaces\xa1\
    qorg.iso.18013.5.1\x85\
    \xd8\x18X_\xa4hdigestID\x05frandomX \
    qelementIdentifiereissue_dateelementValue\xd9\x03\xecj2026-01-01\xd8\x18XP\xa4hdigestID\x18 fran\
    domPqelementIdentifierdnamelelementValue\xf5\
    jissuerAuth\x84C\xa1\x01&\xa1\x18!Y\x02\
    \xd8\x18Y\x03\xa6gversionc1.0odigestAlgorithmgSHA-256lvalueDigests\xa1qorg.iso.18013.5.1\xac\x00\
    X \x01X \x02X \x03X \x04X \x05X \x06X \x07X \x08X \x09X \x0aX \x0bX \x0cX \x0dX \x0eX \x0fX \x10\
    X \x11X \x12X \
    mdeviceKeyInfo\xa1ideviceKey\xa4\x01\x02 \x01!X \"X gdocTypeuorg.iso.18013.5.1.mDLlvalidityInfo\xa3\
    fsigned\xc0t2026-01-01T00:00:00ZivalidFrom\xc0t2026-01-01T00:00:00ZjvalidUntil\xc0t2027-01-01T00\
    :00:00Zfstatus\xa1kstatus_list\xa2cidx\x19curix https://X@\
    ldeviceSigned\xa2jnameSpaces\xd8\x18A\xa0jdeviceAuth\xa1odeviceSignature\x84C\xa1\x01&\xa0\xf6X@\
    fstatus\x00\
    \xa0\x03\x02\x01\x02\x02\x100\x0a\x06\x08*\x86H\xce=\x04\x03\x0201\x0b0\x09\x06\x03U\x04\x06\x13\
    \x02KR1\x0e\x06\x03U\x04\x0b\x0c1\x06\x03U\x04\x081\x06\x03U\x04\x0a\x0c1\x06\x03U\x04\x03\x0c R\
    oot CA\
    0\x1e\x17\x0d260101000000Z\x17\x0d270101000000Z0\
    1\x0b0\x09\x06\x03U\x04\x06\x13\x02KR10Y0\x13\x06\x07*\x86H\xce=\x02\x01\x06\x08*\x86H\xce=\x03\x01\
    \x07\x03B\x00\x04\
    \xa3\x81\x880\x81\x850\x12\x06\x03U\x1d\x13\x01\x01\xff\x04\x080\x06\x01\x01\xff\x02\x01\x000\x0c\
    \x06\x03U\x1d\x13\x01\x01\xff\x04\x020\x000\x1b\x06\x03U\x1d\x12\x04\x140\x12\x86\x10https://0\x06\
    \x03U\x1d\x1f\x04http://.crl\
    0\x0e\x06\x03U\x1d\x0f\x01\x01\xff\x04\x04\x03\x02\x07\x800\x1d\x06\x03U\x1d\x0e\x04\x16\x04\x14\
    0\x1f\x06\x03U\x1d#\x04\x180\x16\x80\x140\x15\x06\x03U\x1d%\x01\x01\xff\x04\x0b0\x09\x06\x07(\x81\
    \x8c]\x05\x01\x020\x1c\x06\x03U\x1d\x11\x04\x150\x13\x82\x11issuer.kr0\x0a\x06\x08*\x86H\xce=\x04\
    \x03\x02\x03H\x000E\x02!\x00\x03I\x000F\x02!\x00\
    \"},\"vct#integrity\":\"sha256-\",\"cnf\":{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\
    {\"alg\":\"ES256\",\"typ\":\"dc+sd-jwt\",\"x5c\":[\"\xd6Y\x02c\"]}\
    a.\x9f{\"iss\":\"https://\",\"iat\":1799996400,\"nbf\":1799996400,\"exp\":1817280000,\"cnf\":{\"\
    jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"X g\",\"y\":\"X x\
    \"}},\"status\":{\"status_list\":{\"idx\":1,\"uri\":\"https://\
    \"}},\"vct\":\"urn:\
    :1\",\"_sd\":[\"X c\",\"X c\",\"X c\",\"X x\x18\"],\"_sd_alg\":\"sha-256\"}a.X@a~\
    \x83b[\"P\
    \",\"issueDate\",\"2026-03-02\"]a~\x83b[\"Pl\",\"birth\",\"1988-06-14\"]a~\x83b[\"Po\",\"ageOver\
    19\",true]a~\x83b[\"Po\",\"name\",\"\
    \"]a~\x81x\x1e{\"alg\":\"ES256\",\"typ\":\"kb+jwt\"}a.\x85x {\"iat\":1800000000,\"aud\":\"x509_h\
    ash:X m\",\"nonce\":\"X m\",\"sd_hash\":\"\
    offline-qr:v1:one-way:offline-qr:v1:code:1\",\"nonce\":\"\
    \",\"sd_hash\":\"X b\"}a.X@\
    \x84\x1akI\xf6\xf6\xa1bq0\x81\x90\x83";
