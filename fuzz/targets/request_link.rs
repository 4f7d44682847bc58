//! An authorization request as a link. Whoever did not sign is nobody.
#![no_main]
use citizen_wallet_fuzz::world::entropy;
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use openid4vp::ClientIdPrefix;
use openid4vp::holder::*;

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vp/examples"]);
        seeds.push(b"openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fv.example%2Fr&response_type=vp_token&response_mode=direct_post&response_uri=https%3A%2F%2Fv.example%2Fr&nonce=n-0S6_WzA2Mj&dcql_query=%7B%22credentials%22%3A%5B%7B%22id%22%3A%22a%22%2C%22format%22%3A%22dc%2Bsd-jwt%22%2C%22meta%22%3A%7B%22vct_values%22%3A%5B%22urn%3Afuzz%3ACard%3A1%22%5D%7D%2C%22claims%22%3A%5B%7B%22path%22%3A%5B%22name%22%5D%7D%5D%7D%5D%7D".to_vec());
        seeds.push(b"haip-vp://?client_id=x509_hash%3Aabc&request_uri=https%3A%2F%2Fv.example%2Fq&request_uri_method=post".to_vec());
        seeds.push(b"openid4vp://?client_id=x509_san_dns%3Av.example&request=eyJ.e30.c2ln".to_vec());
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let policy = Policy { unauthenticated: Unauthenticated::Warn, transactions: TRANSACTIONS, ..Policy::STRICT };
        let Ok(invocation) = Invocation::parse(text, &policy) else { return };
        let claimed = invocation.claimed_client_id().clone();
        match invocation.next(&entropy()).unwrap() {
            Next::Fetch(fetch) => assert_eq!(fetch.request().url.scheme(), "https"),
            Next::Request(request) => {
                let trust = RequestTrust::new(&world().verifiers, &world().registrars);
                let request = match request.resolve(&trust, &policy) {
                    Ok(Resolution::Request(request)) => *request,
                    Ok(Resolution::Fetch(fetch)) => {
                        assert_eq!(fetch.request().url.scheme(), "https");
                        return;
                    }
                    Err(_) => return,
                };
                let Ok(request) = request.authenticate(&trust, now(), &policy) else { return };
                assert_eq!(*request.client().id(), claimed);
                assert_eq!(request.response_uri().unwrap().scheme(), "https");
                match request.client().prefix() {
                    ClientIdPrefix::RedirectUri(_) => assert!(!request.client().is_authenticated() && request.registrations().next().is_none()),
                    // A key that is its own name vouches for nobody.
                    ClientIdPrefix::DecentralizedIdentifier(_) => assert!(request.client().known_name().is_none()),
                    other => panic!("{other:?} without the country's signature"),
                }
                assert!(matches!(request.decline(&entropy()), Delivery::Post(post) if Some(&post.url) == request.response_uri()));
            }
        }
    }
);
