//! The avatars that the server makes: one pixel in a colour of the user's or the chat's own.

/// A GIF of one pixel (GIF89a), whose colour depends on the number.
pub(super) fn make(number: u64) -> Vec<u8> {
    let [red, green, blue, ..] = (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24).to_le_bytes();
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00".to_vec();
    gif.extend([red, green, blue, 255, 255, 255]);
    gif.extend(b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;");
    gif
}
