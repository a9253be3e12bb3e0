//! Generates the adapter's core module in the text format.

use std::fmt::{self, Write};

use wit_parser::{
    Function, FunctionKind, Handle, LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, Type,
    TypeDefKind, TypeId, TypeOwner, WasmExport, WasmExportKind, WasmImport, WorldId, WorldItem,
    WorldKey,
    abi::{AbiVariant, FlatTypes, WasmType},
};

use super::refusals::{Refusals, START};

const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// Returns a module for a world whose exports all refuse.
pub(super) fn text(resolve: &Resolve, world: WorldId) -> anyhow::Result<String> {
    let mut module = Module {
        resolve,
        refusals: Refusals::new(resolve),
        imports: Vec::new(),
        functions: String::new(),
    };
    for (key, item) in &resolve.worlds[world].exports {
        if let WorldItem::Interface { id, .. } = item {
            for function in resolve.interfaces[*id].functions.values() {
                module.function(key, function)?;
            }
        }
    }
    module.finish()
}

struct Module<'a> {
    resolve: &'a Resolve,
    refusals: Refusals<'a>,
    imports: Vec<(String, String)>,
    functions: String,
}

impl Module<'_> {
    fn function(&mut self, interface: &WorldKey, function: &Function) -> anyhow::Result<()> {
        let export = WasmExport::Func {
            interface: Some(interface),
            func: function,
            kind: WasmExportKind::Normal,
        };
        let name = self.resolve.wasm_export_name(MANGLING, export);
        let signature = self
            .resolve
            .wasm_signature(AbiVariant::GuestExport, function);
        let result = match function.kind {
            FunctionKind::Freestanding
            | FunctionKind::AsyncFreestanding
            | FunctionKind::Static(_)
            | FunctionKind::AsyncStatic(_) => function.result,
            // A method needs a resource, which cannot be obtained.
            _ => None,
        };
        let refusal = result.and_then(|ty| self.refusals.refuse(ty));
        let body = match refusal {
            Some(at) if signature.retptr => format!("{}(i32.const {at})", self.drops(function)?),
            _ => "(unreachable)".to_owned(),
        };
        write!(
            self.functions,
            "(func (export {name:?}) (param{}) (result{}) {body})",
            types(&signature.params),
            types(&signature.results),
        )?;
        Ok(())
    }

    /// Returns code that drops the resources in a function's arguments: borrowed ones must be dropped,
    /// and the caller may wait for the end of others.
    fn drops(&mut self, function: &Function) -> Result<String, fmt::Error> {
        let mut text = String::new();
        let mut at = 0;
        for param in &function.params {
            if let Some(resource) = self.resource(param.ty) {
                let drop = self.import_drop(resource);
                write!(text, "(call {drop} (local.get {at}))")?;
            } else if let Some(TypeDefKind::Option(inner)) = self.kind(param.ty)
                && let Some(resource) = self.resource(*inner)
            {
                let drop = self.import_drop(resource);
                let value = at + 1;
                write!(
                    text,
                    "(if (local.get {at}) (then (call {drop} (local.get {value}))))"
                )?;
            }
            at += self.flat_len(param.ty);
        }
        Ok(text)
    }

    fn resource(&self, ty: Type) -> Option<TypeId> {
        let TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) = self.kind(ty)? else {
            return None;
        };
        // Follows the uses of other interfaces to the definition.
        let mut id = *id;
        while let TypeDefKind::Type(Type::Id(origin)) = self.resolve.types[id].kind {
            id = origin;
        }
        Some(id)
    }

    fn kind(&self, ty: Type) -> Option<&TypeDefKind> {
        match ty {
            Type::Id(id) => Some(&self.resolve.types[id].kind),
            _ => None,
        }
    }

    /// Imports the function that drops a resource, and returns its name.
    fn import_drop(&mut self, resource: TypeId) -> String {
        let interface = match self.resolve.types[resource].owner {
            TypeOwner::Interface(id) => Some(WorldKey::Interface(id)),
            _ => None,
        };
        let import = self.resolve.wasm_import_name(
            MANGLING,
            WasmImport::ResourceIntrinsic {
                interface: interface.as_ref(),
                resource,
                intrinsic: ResourceIntrinsic::ImportedDrop,
            },
        );
        let known = self.imports.iter().position(|known| *known == import);
        let index = known.unwrap_or_else(|| {
            self.imports.push(import);
            self.imports.len() - 1
        });
        format!("$drop{index}")
    }

    fn flat_len(&self, ty: Type) -> usize {
        let mut room = [WasmType::I32; 16];
        let mut flat = FlatTypes::new(&mut room);
        // Values that need more are passed by pointer, and do not begin with a resource.
        self.resolve.push_flat(&ty, &mut flat);
        flat.to_vec().len()
    }

    fn finish(self) -> anyhow::Result<String> {
        let data = self.refusals.bytes();
        let free = (START + data.len()).next_multiple_of(16);
        let mut text = String::from("(module ");
        for (index, (module, name)) in self.imports.iter().enumerate() {
            write!(
                text,
                "(import {module:?} {name:?} (func $drop{index} (param i32)))"
            )?;
        }
        write!(
            text,
            r#"(memory (export "memory") 1)(data (i32.const {START}) ""#
        )?;
        for byte in data {
            write!(text, "\\{byte:02x}")?;
        }
        // Arguments are never read, so all of them may lie at the same address.
        write!(
            text,
            r#"")
            {functions}
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $pages i32)
                (local.set $pages (i32.sub
                    (i32.add (i32.const 1) (i32.shr_u
                        (i32.add (i32.const {free}) (local.get 3)) (i32.const 16)))
                    (memory.size)))
                (if (i32.gt_s (local.get $pages) (i32.const 0))
                    (then (drop (memory.grow (local.get $pages)))))
                (i32.const {free})))"#,
            functions = self.functions,
        )?;
        Ok(text)
    }
}

fn types(types: &[WasmType]) -> String {
    let names = types.iter().map(|ty| match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => " i32",
        WasmType::I64 | WasmType::PointerOrI64 => " i64",
        WasmType::F32 => " f32",
        WasmType::F64 => " f64",
    });
    names.collect()
}
