//! Licences follow their source.

use allmende_opendata_domain::source_licence::{Declare, Declared, Model, Rejection};
use allmende_opendata_domain::{Licence, LicenceTerms};
use allmende_testkit::given;

use crate::sample::{at, odbl, zero};

#[test]
fn share_alike_is_not_taken_back() {
    let declare = |terms: LicenceTerms| Declare { terms, at: at(1) };
    let declared = |terms: LicenceTerms| Declared { terms, at: at(1) };
    given::<Model>([]).when(declare(odbl())).then([declared(odbl())]);
    given::<Model>([declared(odbl())]).when(declare(odbl())).then([]);
    given::<Model>([declared(odbl())]).when(declare(zero())).then_rejected(Rejection::ShareAlike);
    given::<Model>([declared(zero())]).when(declare(odbl())).then([declared(odbl())]);
    // Somebody else is to be named; the licence stays.
    let renamed = LicenceTerms { attribution: "Sensor.Community".into(), ..odbl() };
    given::<Model>([declared(odbl())]).when(declare(renamed.clone())).then([declared(renamed)]);
}

#[test]
fn licences_have_codes_of_the_official_list() {
    for licence in Licence::ALL {
        assert_eq!(Licence::from_code(licence.code()), Some(licence));
    }
    assert_eq!(Licence::from_code("dl-by-nc-de/1.0"), None);
}
