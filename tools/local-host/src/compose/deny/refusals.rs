//! The results that the adapter returns, as they lie in its memory.

use wit_parser::{Int, Resolve, SizeAlign, Type, TypeDefKind};

/// The address of the results, aligned for any type.
pub(super) const START: usize = 1024;
/// The cases of errors that mean a refusal, in the order of preference.
const REFUSALS: [&str; 5] = [
    "access-denied",
    "undefined",
    "internal-error",
    "io",
    "other",
];
const MESSAGE: &[u8] = b"not permitted";

pub(super) struct Refusals<'a> {
    resolve: &'a Resolve,
    sizes: SizeAlign,
    bytes: Vec<u8>,
}

impl<'a> Refusals<'a> {
    pub(super) fn new(resolve: &'a Resolve) -> Self {
        let mut sizes = SizeAlign::default();
        sizes.fill(resolve);
        Self {
            resolve,
            sizes,
            bytes: Vec::new(),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the address of the result of this type that means a refusal, if the type has one: an
    /// error, an empty list, or none.
    pub(super) fn refuse(&mut self, ty: Type) -> Option<usize> {
        let size = self.sizes.size(&ty).size_wasm32();
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.refuse(*inner),
            TypeDefKind::List(_) | TypeDefKind::Option(_) => Some(self.place(&vec![0; size])),
            TypeDefKind::Result(result) => {
                let cases = [result.ok.as_ref(), result.err.as_ref()];
                let offset = self.sizes.payload_offset(Int::U8, cases).size_wasm32();
                let mut result_bytes = vec![0; size];
                *result_bytes.first_mut()? = 1;
                self.error(result_bytes.get_mut(offset..)?, result.err?)?;
                Some(self.place(&result_bytes))
            }
            _ => None,
        }
    }

    fn place(&mut self, bytes: &[u8]) -> usize {
        let at = self.bytes.len().next_multiple_of(8);
        self.bytes.resize(at, 0);
        self.bytes.extend(bytes);
        START + at
    }

    /// Writes an error that means a refusal.
    fn error(&mut self, bytes: &mut [u8], ty: Type) -> Option<()> {
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.error(bytes, *inner),
            TypeDefKind::Enum(cases) => {
                let names = cases.cases.iter().map(|case| case.name.as_str());
                *bytes.first_mut()? = refusal(names)?;
                Some(())
            }
            TypeDefKind::Variant(variant) => {
                let names = variant.cases.iter().map(|case| case.name.as_str());
                let index = refusal(names)?;
                let types = variant.cases.iter().map(|case| case.ty.as_ref());
                let offset = self
                    .sizes
                    .payload_offset(variant.tag(), types)
                    .size_wasm32();
                *bytes.first_mut()? = index;
                match variant.cases.get(usize::from(index))?.ty {
                    Some(ty) => self.message(bytes.get_mut(offset..)?, ty),
                    None => Some(()),
                }
            }
            _ => None,
        }
    }

    /// Writes the message of an error: a string or an optional string.
    fn message(&mut self, bytes: &mut [u8], ty: Type) -> Option<()> {
        if ty == Type::String {
            let at = u32::try_from(self.place(MESSAGE)).ok()?;
            let length = u32::try_from(MESSAGE.len()).ok()?;
            bytes.get_mut(..4)?.copy_from_slice(&at.to_le_bytes());
            bytes.get_mut(4..8)?.copy_from_slice(&length.to_le_bytes());
            return Some(());
        }
        match self.kind(ty)? {
            TypeDefKind::Type(inner) => self.message(bytes, *inner),
            TypeDefKind::Option(inner) => {
                let offset = self.sizes.payload_offset(Int::U8, [None, Some(inner)]);
                *bytes.first_mut()? = 1;
                self.message(bytes.get_mut(offset.size_wasm32()..)?, *inner)
            }
            _ => None,
        }
    }

    fn kind(&self, ty: Type) -> Option<&'a TypeDefKind> {
        match ty {
            Type::Id(id) => Some(&self.resolve.types[id].kind),
            _ => None,
        }
    }
}

/// Returns the index of the case that means a refusal.
fn refusal<'n>(names: impl Iterator<Item = &'n str>) -> Option<u8> {
    let names: Vec<_> = names.collect();
    let found = REFUSALS
        .iter()
        .find_map(|refusal| names.iter().position(|name| name == refusal))?;
    u8::try_from(found).ok()
}
