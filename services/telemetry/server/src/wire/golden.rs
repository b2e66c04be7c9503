//! x
use allmende_eventlog::Aggregate as _;
use allmende_kernel::Timestamp;
use allmende_telemetry_domain::observations::{Event, Observation};
use pco::standalone::simple_compress;
use pco::{ChunkConfig, DeltaSpec, ModeSpec};

#[test]
fn measure() {
    let f = "/work/shared/data/telemetry/sensor_community_csv/sds011_sensor_15092_2018-07-07_2018-08-31.csv";
    let text = std::fs::read_to_string(f).unwrap();
    let mut lines = text.lines();
    println!("{}", lines.next().unwrap());
    let mut times = vec![];
    let mut p1 = vec![];
    for l in lines {
        let c: Vec<&str> = l.split(';').collect();
        let ts = c[5];
        let (date, time) = ts.split_once('T').unwrap();
        let d: allmende_telemetry_domain::AirQualityDay = date.parse().unwrap();
        let secs = time.split(':').fold(0i64, |s, p| s * 60 + p.parse::<i64>().unwrap());
        times.push(d.start().as_micros() + 3_600_000_000 + secs * 1_000_000);
        p1.push(c[6].parse::<f64>().unwrap());
    }
    for block in [100usize, 250, 500, 600, 1000] {
        for level in [0usize, 2, 4, 6, 8, 10, 12] {
            for (name, t, r) in [
                ("auto", DeltaSpec::Auto, ModeSpec::Auto),
                ("cons1", DeltaSpec::TryConsecutive(1), ModeSpec::Auto),
                ("cons2", DeltaSpec::TryConsecutive(2), ModeSpec::Auto),
                ("cons1fm", DeltaSpec::TryConsecutive(1), ModeSpec::TryFloatMult(0.01)),
            ] {
                let c = ChunkConfig::default().with_compression_level(level);
                let ct = c.clone().with_delta_spec(t);
                let ct = if name == "cons1fm" { ct.with_mode_spec(ModeSpec::TryIntMult(1_000_000)) } else { ct };
                let cr = c.clone().with_mode_spec(r);
                let start = std::time::Instant::now();
                let (mut a, mut b) = (0, 0);
                for (x, y) in times.chunks(block).zip(p1.chunks(block)) {
                    a += simple_compress(x, &ct).unwrap().len();
                    b += simple_compress(y, &cr).unwrap().len();
                }
                let el = start.elapsed();
                let n = times.len() as f64;
                println!("{block} L{level} {name}: times {:.3} results {:.3} sum {:.3} B/obs; {:.0} ns/obs", a as f64 / n, b as f64 / n, (a + b) as f64 / n, el.as_nanos() as f64 / n);
            }
        }
    }
    let _ = (Event::Recorded { observations: vec![Observation { time: Timestamp::default(), result: 0.0 }] }, super::Observations::encode as usize);
}
