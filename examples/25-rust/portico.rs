//! The SDK's C tables as far as this module uses them. A table only ever grows at its end, so that a
//! binding may stop where it likes; names and order are those of the headers in include/portico.
#![allow(dead_code)]

use std::os::raw::{c_char, c_int, c_void};

pub const ABI: u32 = 0;
pub const ENOMEM: c_int = -2;
pub const EFAULT: c_int = -12;
pub const INTEGER: u32 = 2;
pub const LISTING: u32 = 8;
pub const OBJECT: u32 = 9;

/// A function this binding does not call; only its place counts.
pub type Other = *const c_void;

#[repr(C)]
pub struct Table {
    pub size: u32,
    pub major: u16,
    pub minor: u16,
}

#[repr(C)]
pub struct ValueApi {
    pub table: Table,
    pub kind: Other, pub count: Other,
    pub boolean: Other, pub integer: Other, pub real: Other, pub text: Other,
    pub get: Other, pub at: Other, pub key_at: Other,
    pub set: extern "C" fn(*mut Value, *const c_char, *mut Value) -> c_int,
    pub set_scalar: extern "C" fn(*mut Value, *const c_char, u32, i64, f64) -> c_int,
    pub set_text: extern "C" fn(*mut Value, *const c_char, *const c_char, usize) -> c_int,
    pub append: extern "C" fn(*mut Value, *mut Value) -> c_int,
}
#[repr(C)]
pub struct Value {
    pub api: *const ValueApi,
}

#[repr(C)]
pub struct ContextApi {
    pub table: Table,
    pub alloc: Other,
    pub vprintf: Other,
    pub vlog: Other,
    pub state: Other,
    pub set_state: Other,
    pub interface: Other,
    pub setting: Other,
    pub translate: Other,
    pub now: Other,
    pub new_id: Other,
    pub make: extern "C" fn(*mut Context, u32) -> *mut Value,
}
#[repr(C)]
pub struct Context {
    pub api: *const ContextApi,
}

#[repr(C)]
pub struct RequestApi {
    pub table: Table,
    pub method: Other,
    pub path: Other,
    pub param: Other,
    pub query: extern "C" fn(*mut Request, *const c_char) -> *const c_char,
    pub header: Other, pub form: Other, pub body: Other, pub json: Other,
    pub external_url: Other,
    pub set_status: Other,
    pub set_header: Other,
    pub reply_view: extern "C" fn(*mut Request, *const c_char, *mut Value) -> c_int,
    pub reply_json: extern "C" fn(*mut Request, *const Value) -> c_int,
}
#[repr(C)]
pub struct Request {
    pub api: *const RequestApi,
    pub context: *mut Context,
}

#[repr(C)]
pub struct List {
    pub items: *const c_void,
    pub count: u32,
    pub item_size: u32,
}
pub const NONE: List = List { items: std::ptr::null(), count: 0, item_size: 0 };

#[repr(C)]
pub struct Route {
    pub method: *const c_char,
    pub pattern: *const c_char,
    pub handler: extern "C" fn(*mut Request) -> c_int,
    pub permission: *const c_char,
    pub summary: *const c_char,
    pub request_schema: *const c_char,
    pub response_schema: *const c_char,
    pub flags: u32,
    pub deadline_ms: u32,
    pub concurrency: u32,
    pub cache_seconds: u32,
}

/// The descriptor as far as its list of routes; its size says so to the host.
#[repr(C)]
pub struct Module {
    pub size: u32,
    pub abi: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub uses: *const c_char,
    pub title: *const c_char,
    pub description: *const c_char,
    pub concurrency: u32,
    pub reserved: u32,
    pub start: Other,
    pub stop: Other,
    pub routes: List,
}

/// The ELF note, by which a host knows a module before it loads it.
#[repr(C)]
pub struct Note<const LENGTH: usize> {
    name_size: u32,
    text_size: u32,
    kind: u32,
    name: [u8; 8],
    text: [u8; LENGTH],
}
pub const fn note<const LENGTH: usize>(text: &str) -> Note<LENGTH> {
    let mut padded = [0; LENGTH];
    let mut i = 0;
    while i < text.len() {
        padded[i] = text.as_bytes()[i];
        i += 1;
    }
    Note { name_size: 8, text_size: LENGTH as u32, kind: 1, name: *b"Portico\0", text: padded }
}

/// What never changes may be shared by threads.
#[repr(transparent)]
pub struct Fixed<T>(pub T);
unsafe impl<T> Sync for Fixed<T> {}

/// The text of a literal that ends with NUL.
pub const fn text(literal: &'static str) -> *const c_char {
    literal.as_ptr() as *const c_char
}
