//! A box opens with its key, where it belongs.

use allmende_kernel::{Sealed, TenantId};

use super::Harness;
use super::fixture::{Bench, CONTEXT, TEXT, id, tenant};
use crate::sealing::{BoxError, Opened, key_of, open, open_text};

/// What was sealed comes back, also after reopening, also if it is nothing or long.
pub async fn a_box_opens_with_its_key<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let made = bench.ensure(1).await;
    let long = vec![7; 1 << 20];
    let boxes: Vec<_> = [TEXT, b"", &long].iter().map(|content| made.seal(CONTEXT, content).unwrap()).collect();
    let bench = bench.reopen().await;
    for (sealed, content) in boxes.iter().zip([TEXT, b"", &long]) {
        assert_eq!(key_of(sealed), Some(id(1)));
        assert_eq!(sealed.as_bytes().len(), content.len() + 57);
        let opened = open(bench.keyring.as_ref(), &tenant(), CONTEXT, sealed).unwrap();
        assert_eq!(opened, Opened::Content(content.to_vec()));
    }
    let text = open_text(bench.keyring.as_ref(), &tenant(), CONTEXT, &boxes[0]).unwrap();
    assert_eq!(text.content().unwrap().as_bytes(), TEXT);
}

/// Not in another tenant, not as another field, not under another key.
pub async fn a_box_opens_nowhere_else<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let sealed = bench.ensure(1).await.seal(CONTEXT, TEXT).unwrap();
    let bonn = TenantId::parse("bonn").unwrap();
    let opened = |tenant: &TenantId, context, sealed: &Sealed| open(bench.keyring.as_ref(), tenant, context, sealed);
    assert_eq!(opened(&bonn, CONTEXT, &sealed), Err(BoxError::UnknownKey(id(1))));
    bench.keyring.ensure(&bonn, id(1)).await.unwrap();
    assert_eq!(opened(&bonn, CONTEXT, &sealed), Err(BoxError::Damaged));
    for context in ["contribution/1/title", "contribution/1/bod", "contribution/1/bodyy", ""] {
        assert_eq!(opened(&tenant(), context, &sealed), Err(BoxError::Damaged));
    }
    bench.ensure(2).await;
    let mut other = sealed.as_bytes().to_vec();
    other[1..17].copy_from_slice(id(2).as_bytes());
    assert_eq!(opened(&tenant(), CONTEXT, &Sealed::from_bytes(other)), Err(BoxError::Damaged));
}

/// Whichever byte is changed, missing or added.
pub async fn a_damaged_box_is_told<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let sealed = bench.ensure(1).await.seal(CONTEXT, TEXT).unwrap();
    let opened = |bytes: &[u8]| {
        open(bench.keyring.as_ref(), &tenant(), CONTEXT, &Sealed::from_bytes(bytes)).map_err(|error| match error {
            // The key's id is what was changed.
            BoxError::UnknownKey(_) => BoxError::Damaged,
            error => error,
        })
    };
    for at in 0..sealed.as_bytes().len() {
        let mut changed = sealed.as_bytes().to_vec();
        changed[at] ^= 1;
        assert_eq!(opened(&changed), Err(BoxError::Damaged), "{at}");
        assert_eq!(opened(&sealed.as_bytes()[..at]), Err(BoxError::Damaged), "{at}");
    }
    let longer = [sealed.as_bytes(), &[0]].concat();
    assert_eq!(opened(&longer), Err(BoxError::Damaged));
}

/// That a text is gone for ever is an answer, not an error.
pub async fn a_box_of_an_erased_key_is_erased<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let sealed = bench.ensure(1).await.seal(CONTEXT, TEXT).unwrap();
    bench.erase(1).await;
    assert_eq!(open(bench.keyring.as_ref(), &tenant(), CONTEXT, &sealed), Ok(Opened::Erased));
    assert_eq!(open_text(bench.keyring.as_ref(), &tenant(), CONTEXT, &sealed).unwrap().content(), None);
}

/// A lost key is not taken for an erased one.
pub async fn a_box_of_an_unknown_key_is_told<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let sealed = bench.ensure(1).await.seal(CONTEXT, TEXT).unwrap();
    let mut unknown = sealed.as_bytes().to_vec();
    unknown[1..17].copy_from_slice(id(9).as_bytes());
    let opened = open(bench.keyring.as_ref(), &tenant(), CONTEXT, &Sealed::from_bytes(unknown));
    assert_eq!(opened, Err(BoxError::UnknownKey(id(9))));
}

/// Nobody can tell that two people wrote the same.
pub async fn boxes_of_the_same_text_differ<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let made = bench.ensure(1).await;
    let (one, other) = (made.seal(CONTEXT, TEXT).unwrap(), made.seal(CONTEXT, TEXT).unwrap());
    assert_ne!(one, other);
    assert!(one.as_bytes()[17..].iter().zip(&other.as_bytes()[17..]).filter(|(a, b)| a == b).count() < 20);
}
