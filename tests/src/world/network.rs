//! The network: messages under way, with delay, loss, duplication, reordering and partitions.

use crate::world::dice::Dice;

/// Which way a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From a device to the server.
    Up,
    /// From the server to a device.
    Down,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// An exchange.
    Sync,
    /// Handing back what a restore lost.
    Relay,
    /// The answer that the device was revoked.
    Revoked,
}

/// A message under way.
#[derive(Debug, Clone)]
pub struct Message {
    /// When it arrives, in milliseconds since 1970.
    pub at_ms: i64,
    /// Which way it goes.
    pub way: Way,
    /// What it is about.
    pub call: Call,
    /// The device at one end.
    pub device: usize,
    /// The exchange that it belongs to.
    pub exchange: u64,
    /// The frame.
    pub frame: Vec<u8>,
}

/// How bad the network is, in percent of messages.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Lost without a trace.
    pub lost: u64,
    /// Arriving twice.
    pub doubled: u64,
    /// The longest delay, in milliseconds.
    pub delay_ms: i64,
}

impl Weather {
    /// Nothing is lost and all is quick.
    pub const FAIR: Self = Self { lost: 0, doubled: 0, delay_ms: 1 };
    /// Much is lost, much comes twice, and late comes before early.
    pub const FOUL: Self = Self { lost: 20, doubled: 15, delay_ms: 4_000 };
}

/// All messages under way.
#[derive(Debug)]
pub struct Network {
    weather: Weather,
    under_way: Vec<Message>,
    /// Per device: what does not get through, up and down.
    cut: Vec<[bool; 2]>,
}

impl Network {
    /// A network without messages.
    #[must_use]
    pub fn new(weather: Weather, devices: usize) -> Self {
        Self { weather, under_way: Vec::new(), cut: vec![[false; 2]; devices] }
    }

    /// One device more.
    pub fn connect(&mut self) {
        self.cut.push([false; 2]);
    }

    /// Changes the weather.
    pub const fn set_weather(&mut self, weather: Weather) {
        self.weather = weather;
    }

    /// Cuts or mends one way of a device's connection.
    pub fn toggle(&mut self, device: usize, way: Way) {
        let cut = &mut self.cut[device][way as usize];
        *cut = !*cut;
    }

    /// Mends everything and drops what is under way.
    pub fn mend(&mut self) {
        self.cut.iter_mut().for_each(|cut| *cut = [false; 2]);
        self.under_way.clear();
    }

    /// The server that all connections led to is gone: what is under way goes with them.
    pub fn hang_up(&mut self) {
        self.under_way.clear();
    }

    /// Sends a message on its way, or loses it.
    pub fn send(&mut self, mut message: Message, dice: &mut Dice) {
        let now_ms = message.at_ms;
        if self.cut[message.device][message.way as usize] || dice.percent(self.weather.lost) {
            return;
        }
        if dice.percent(self.weather.doubled) {
            let at_ms = now_ms + dice.between_ms(1, self.weather.delay_ms * 3);
            self.under_way.push(Message { at_ms, ..message.clone() });
        }
        message.at_ms = now_ms + dice.between_ms(1, self.weather.delay_ms);
        self.under_way.push(message);
    }

    /// The next message that has arrived; what crosses a cut is lost.
    pub fn arrived(&mut self, now_ms: i64) -> Option<Message> {
        loop {
            let due = self.under_way.iter().enumerate().filter(|(_, it)| it.at_ms <= now_ms);
            let (at, _) = due.min_by_key(|(at, it)| (it.at_ms, *at))?;
            let message = self.under_way.remove(at);
            if !self.cut[message.device][message.way as usize] {
                return Some(message);
            }
        }
    }
}
