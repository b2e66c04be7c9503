use std::fmt;

use allmende_gateway_domain::AddressKey;
use allmende_runtime::installation::Installation;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::random;

const TAG_BYTES: usize = 16;

/// A device that somebody has signed in on with an address: sixteen random bytes, and a tag over them and the address
/// that only this installation can make. It opens nothing; what is tried on it counts apart.
#[derive(Clone)]
pub(crate) struct Device([u8; 16]);

impl Device {
    /// One that was not seen before.
    pub(crate) fn fresh() -> Self {
        Self(random())
    }

    /// A device as it was named; nothing for what was not named here, or for another address.
    pub(crate) fn parse(installation: &Installation, address: AddressKey, text: &str) -> Option<Self> {
        let bytes: [u8; 16 + TAG_BYTES] = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).ok()?.try_into().ok()?;
        let (id, shown) = bytes.split_first_chunk::<16>()?;
        let device = Self(*id);
        let made = device.tag(installation, address);
        let difference = made.iter().zip(shown).fold(0, |difference, (a, b)| difference | (a ^ b));
        (difference == 0).then_some(device)
    }

    /// Its name for an address.
    pub(crate) fn text(&self, installation: &Installation, address: AddressKey) -> String {
        let bytes = [self.0.as_slice(), &self.tag(installation, address)].concat();
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Under what is counted what is tried on it.
    pub(crate) fn counted(&self, installation: &Installation, address: AddressKey) -> AddressKey {
        let parts = [address.as_bytes().as_slice(), &self.0];
        AddressKey::from_bytes(installation.keyed_hash("attempts on a device", &parts))
    }

    fn tag(&self, installation: &Installation, address: AddressKey) -> [u8; TAG_BYTES] {
        let tag = installation.keyed_hash("device tag", &[address.as_bytes().as_slice(), &self.0]);
        std::array::from_fn(|index| tag[index])
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Device(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_for_its_own_address_only() {
        let (here, there) = (Installation::from_key(&[7; 32]), Installation::from_key(&[8; 32]));
        let (one, other) = (AddressKey::from_bytes([1; 32]), AddressKey::from_bytes([2; 32]));
        let device = Device::fresh();
        let name = device.text(&here, one);
        let known = Device::parse(&here, one, &name).unwrap();
        assert_eq!(known.counted(&here, one), device.counted(&here, one));
        assert_ne!(known.counted(&here, one), Device::fresh().counted(&here, one));
        for wrong in ["", "x", &name[1..], &device.text(&there, one), &device.text(&here, other), &"A".repeat(9_000)] {
            assert!(Device::parse(&here, one, wrong).is_none(), "{wrong}");
        }
    }
}
